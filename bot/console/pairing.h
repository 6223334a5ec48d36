#pragma once

#include <cstdint>

#include "bot/console/api.h"

namespace bot::console {

/// Admits whoever made that request, or refuses them. Throws Refusal 409 where it is over.
void settle_pairing(const Call& call, std::int64_t request, bool admit);

}  // namespace bot::console

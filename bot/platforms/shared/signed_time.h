#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bot::shared {

/// Nothing if `timestamp`, the value of that header in seconds since 1970, is within five minutes of now,
/// else a sentence. Without it whoever once saw a signed request could send it again for ever.
std::optional<std::string> signed_time_problem(std::string_view header, std::string_view timestamp,
                                               base::Timestamp now);

}  // namespace bot::shared

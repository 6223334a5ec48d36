#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "bot/runtime/settings.h"
#include "store/people.h"

namespace bot::access {

/// "tg:12345678 (Ann) is admitted." as Markdown, or that the code is unknown or too old.
std::string pairing_answer(const std::optional<store::People::Admitted>& admitted);

/// Admits the person who was shown the code; says who, or that the code is unknown or too old (then false).
bool pair(const runtime::Flags& flags, const std::string& code, std::ostream& out);

}  // namespace bot::access

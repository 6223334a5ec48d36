#pragma once

#include <iosfwd>
#include <string>

#include "bot/settings.h"

namespace bot {

/// Admits the person who was shown the code; says who, or that the code is unknown or too old (then false).
bool pair(const Flags& flags, const std::string& code, std::ostream& out);

}  // namespace bot

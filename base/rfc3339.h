#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace base {

/// "2026-11-27T17:05:09.120Z", in UTC.
std::string format_rfc3339(Timestamp time);
/// The instant of such a text with any offset, its fraction left out or longer; nothing for any other text.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace base

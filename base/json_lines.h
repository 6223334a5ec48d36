#pragma once

#include <string>
#include <string_view>

namespace base {

/// The text with the escapes of control characters that stand as they are within strings of JSON, which no
/// parser takes. A text without any stays as it is.
std::string with_escaped_controls(std::string_view text);

}  // namespace base

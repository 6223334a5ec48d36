#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace base {

/// The text with the escapes of control characters that stand as they are within strings of JSON, which no
/// parser takes. A text without any stays as it is.
std::string with_escaped_controls(std::string_view text);

/// The text with null for the numbers in it that no parser takes: NaN, Infinity, and those beyond a double.
std::string with_readable_numbers(std::string_view text);

/// What a program wrote, as parse_json() reads it, or else as it can be mended: control characters in
/// strings, ill-formed UTF-8, which becomes U+FFFD, and numbers that are none, which become null.
std::optional<nlohmann::json> parse_json_leniently(std::string_view text);

}  // namespace base

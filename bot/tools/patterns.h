#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bot::tools {

/// Whether the whole name is what the pattern says, in which "*" is any run of characters, also none.
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const std::vector<std::string>& patterns, std::string_view name);

/// The name of a tool as model APIs take it: `<server>__<tool>` of at most 64 letters, digits, "_" and "-".
/// Anything else becomes "_", and what is too long ends in digits that tell it from others.
std::string shown_name(std::string_view server, std::string_view tool);
/// The same, always with these digits.
std::string shown_name_with_digits(std::string_view server, std::string_view tool);

/// Whether the name begins as that of a tool that only reads: "list_events", "getItem".
bool is_named_as_reading(std::string_view tool);

}  // namespace bot::tools

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

/// Whether the text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// The text with every ill-formed byte replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

/// At most `max_bytes` bytes of well-formed UTF-8, cut between code points.
std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes);

/// How many UTF-16 units the well-formed text has: two for what lies above U+FFFF, else one a code point.
std::size_t utf16_length(std::string_view utf8);

/// The text, or its beginning and "…", in at most `max_bytes` bytes.
std::string ellipsize(std::string_view text, std::size_t max_bytes);

/// The text, or its head and tail around a line that says how much was left out, in about `max_bytes` bytes.
std::string keep_ends(std::string_view text, std::size_t max_bytes);

/// Without the control characters that no chat shows (all of C0 but tab and newline, DEL, C1); "\r\n" becomes
/// "\n".
std::string strip_controls(std::string_view text);

/// Without white space at both ends.
std::string_view trim(std::string_view text);

/// ASCII letters in lower case, all else unchanged.
std::string ascii_lower(std::string_view text);

}  // namespace base

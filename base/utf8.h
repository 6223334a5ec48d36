#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

/// The bytes of the well-formed sequence at the start of the text, or 0 where there is none.
std::size_t utf8_sequence(std::string_view text);

/// Whether the text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

/// The text with every ill-formed byte replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

/// At most `max_bytes` bytes of well-formed UTF-8, cut between code points.
std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes);

/// How many UTF-16 units the well-formed text has: two for a code point above U+FFFF, else one.
std::size_t utf16_length(std::string_view utf8);

/// The text, or its beginning and "…", in at most `max_bytes` bytes.
std::string ellipsize(std::string_view text, std::size_t max_bytes);

/// The text, or its head and tail around a line that says how much was left out, in about `max_bytes` bytes.
std::string keep_ends(std::string_view text, std::size_t max_bytes);

/// Without the control characters that no chat shows (all of C0 but tab and newline, DEL, C1), and without
/// the sequences with which a terminal is told colours, links and the like, whole; "\r\n" becomes "\n".
std::string strip_controls(std::string_view text);

/// The text with what can hide in it or turn around what is read spelt out, as in "\x1b" and "\u{202e}", its
/// number: control, zero-width and bidirectional characters, blanks that are no spaces. Tabs and line ends
/// stay. Whoever allows something must see what it is.
std::string visible(std::string_view text);

/// What somebody calls themselves or a thing, fit to stand in a line of plain text: bytes that are not UTF-8
/// are replaced, what visible() spells out is dropped, and every stretch of white space and line ends is one
/// space, with none at the ends.
std::string one_line(std::string_view text);

/// Without white space at both ends.
std::string_view trim(std::string_view text);

/// ASCII letters in lower case, all else unchanged.
std::string ascii_lower(std::string_view text);

}  // namespace base

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace base {

/// Whether only white space stands before `at` in its line.
bool begins_line(std::string_view text, std::size_t at);

/// Where the code ends that begins at `at`, or `at` where none does: a fenced block that is closed, or a span
/// within a line.
std::size_t end_of_code(std::string_view text, std::size_t at);

/// A text beside itself in lower case, in which marks are looked for; both are of the same length.
struct Folded {
  explicit Folded(std::string_view text) : written(text), lower(ascii_lower(text)) {}

  bool has(std::string_view mark, std::size_t at) const { return lower.compare(at, mark.size(), mark) == 0; }

  std::string written;
  std::string lower;
};

/// The first place outside code, from `from` on, where `is_there` says so; or the end.
template <typename IsThere>
std::size_t find_outside_code(const Folded& text, std::size_t from, const IsThere& is_there) {
  for (auto at = from; at < text.written.size();) {
    const char c = text.written[at];
    const bool may_begin_mark = c == '<' || c == '[' || static_cast<unsigned char>(c) >= 0xe2;
    if (may_begin_mark && is_there(at)) {
      return at;
    }
    const auto behind = end_of_code(text.written, at);
    at = behind > at ? behind : at + 1;
  }
  return text.written.size();
}

}  // namespace base

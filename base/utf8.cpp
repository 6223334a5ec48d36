#include "base/utf8.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

namespace base {
namespace {

char32_t code_point(std::string_view sequence) {
  constexpr unsigned kLeadMask[] = {0x7f, 0x1f, 0x0f, 0x07};
  char32_t value = static_cast<unsigned char>(sequence[0]) & kLeadMask[sequence.size() - 1];
  for (const char c : sequence.substr(1)) {
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return value;
}

struct Range {
  char32_t first, last;
};

/// C1, and what Unicode 15 calls Default_Ignorable_Code_Point (DerivedCoreProperties.txt) but for the two
/// selectors that make an emoji of a sign, the separators of lines and paragraphs, annotations (U+FFF9 to
/// U+FFFB), and the Braille pattern without dots.
constexpr Range kHidden[] = {{0x80, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},    {0x61c, 0x61c},
                             {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},  {0x200b, 0x200f},
                             {0x2028, 0x202e},   {0x2060, 0x206f},   {0x2800, 0x2800},  {0x3164, 0x3164},
                             {0xfe00, 0xfe0d},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},  {0xfff0, 0xfffb},
                             {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

bool is_hidden(char32_t c) {
  return c < 0x20 || c == 0x7f ||
         std::any_of(std::begin(kHidden), std::end(kHidden),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

bool is_between(std::string_view text, std::size_t at, unsigned char first, unsigned char last) {
  return at < text.size() && static_cast<unsigned char>(text[at]) >= first &&
         static_cast<unsigned char>(text[at]) <= last;
}

/// Where the string of a terminal sequence (a title, a link's address) that begins at `at` ends: with BEL or
/// ST, on the same line. `at` where it has no end.
std::size_t end_of_control_string(std::string_view text, std::size_t at) {
  for (auto i = at; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '\x07') {
      return i + 1;
    }
    if (const auto two = text.substr(i, 2); two == "\x1B\\" || two == "\xC2\x9C") {
      return i + 2;
    }
  }
  return at;
}

/// The length of the terminal sequence that the text begins with (ECMA-48: a colour, a move of the cursor, a
/// title, a link), introduced by ESC or by a C1 character; 0 where it begins with none.
std::size_t terminal_sequence(std::string_view text) {
  const bool is_c1 = text.starts_with('\xC2') && is_between(text, 1, 0x80, 0x9F);
  if (!is_c1 && !text.starts_with('\x1B')) {
    return 0;
  }
  const char kind = text.size() < 2 ? '\0' : is_c1 ? static_cast<char>(text[1] - 0x40) : text[1];
  std::size_t at = 2;
  if (kind == '[') {
    while (is_between(text, at, 0x20, 0x3F)) {
      ++at;
    }
    return is_between(text, at, 0x40, 0x7E) ? at + 1 : at;
  }
  if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
    return end_of_control_string(text, at);
  }
  if (is_c1) {
    return at;
  }
  at = 1;
  while (is_between(text, at, 0x20, 0x2F)) {
    ++at;
  }
  // A letter alone behind ESC is more likely the text's own.
  return is_between(text, at, 0x30, at > 1 ? 0x7E : 0x3F) ? at + 1 : at;
}

}  // namespace

// Unicode 15, table 3-7.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto in = [&](std::size_t i, unsigned low, unsigned high) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xc2 && first <= 0xdf) {
    return in(1, 0x80, 0xbf) ? 2 : 0;
  }
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return in(1, low, high) && in(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return in(1, low, high) && in(2, 0x80, 0xbf) && in(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto n = utf8_sequence(text);
    if (n == 0) {
      return false;
    }
    text.remove_prefix(n);
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto n = utf8_sequence(text);
    out.append(n == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, n));
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return text;
  }
  while (max_bytes > 0 && is_continuation(text[max_bytes])) {
    --max_bytes;
  }
  return text.substr(0, max_bytes);
}

std::size_t utf16_length(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    units += (is_continuation(c) ? 0U : 1U) + (static_cast<unsigned char>(c) >= 0xf0 ? 1U : 0U);
  }
  return units;
}

std::string ellipsize(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= max_bytes) {
    return std::string(text);
  }
  return std::string(truncate_utf8(text, max_bytes - kEllipsis.size())) + std::string(kEllipsis);
}

std::string keep_ends(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return std::string(text);
  }
  const auto head = truncate_utf8(text, max_bytes / 2);
  auto tail_at = text.size() - max_bytes / 2;
  while (tail_at < text.size() && is_continuation(text[tail_at])) {
    ++tail_at;
  }
  return fmt::format("{}\n[… {} bytes left out …]\n{}", head, tail_at - head.size(), text.substr(tail_at));
}

std::string strip_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (const auto length = terminal_sequence(text.substr(i)); length > 0) {
      i += length;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t') {
      out.push_back(text[i]);
    }
    ++i;
  }
  return out;
}

std::string visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto size = utf8_sequence(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(sequence.size());
    const auto c = size == 0 ? U'\0' : code_point(sequence);
    if (c == '\n' || c == '\t' || (size > 0 && !is_hidden(c))) {
      out += sequence;
    } else if (size < 2) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(sequence[0]));
    } else {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
    }
  }
  return out;
}

std::string one_line(std::string_view text) {
  const auto valid = to_valid_utf8(text);
  std::string out;
  bool gap = false;
  for (std::string_view rest = valid; !rest.empty();) {
    const auto sequence = rest.substr(0, utf8_sequence(rest));
    rest.remove_prefix(sequence.size());
    const auto c = code_point(sequence);
    if (is_space(c)) {
      gap = !out.empty();
    } else if (!is_hidden(c)) {
      out += gap ? " " : "";
      out += sequence;
      gap = false;
    }
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return out;
}

}  // namespace base

#include "bot/markup/character_border.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace bot::markup {
namespace {

struct Range {
  std::uint32_t first, last;
};

// What belongs to the character before it: combining marks of the scripts in wide use, variation selectors,
// skin tones, the tags of flags, the zero-width joiner.
constexpr Range kExtending[] = {
    {0x300, 0x36f},     {0x483, 0x489},   {0x591, 0x5bd},   {0x5bf, 0x5bf},     {0x5c1, 0x5c2},
    {0x5c4, 0x5c5},     {0x610, 0x61a},   {0x64b, 0x65f},   {0x670, 0x670},     {0x6d6, 0x6dc},
    {0x6df, 0x6e4},     {0x6e7, 0x6e8},   {0x6ea, 0x6ed},   {0x900, 0x903},     {0x93a, 0x93c},
    {0x93e, 0x94f},     {0x951, 0x957},   {0x981, 0x983},   {0x9bc, 0x9bc},     {0x9be, 0x9cd},
    {0xa3c, 0xa4d},     {0xabc, 0xabc},   {0xabe, 0xacd},   {0xb3c, 0xb3c},     {0xb3e, 0xb4d},
    {0xbbe, 0xbcd},     {0xc3e, 0xc4d},   {0xcbe, 0xccd},   {0xd3e, 0xd4d},     {0xe31, 0xe31},
    {0xe34, 0xe3a},     {0xe47, 0xe4e},   {0xeb1, 0xeb1},   {0xeb4, 0xebc},     {0x1160, 0x11ff},
    {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff}, {0x200d, 0x200d}, {0x20d0, 0x20ff},   {0x302a, 0x302f},
    {0x3099, 0x309a},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}, {0xe0020, 0xe007f},
    {0xe0100, 0xe01ef},
};
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26d4, 0x26d4},   {0x2705, 0x2705},
    {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2757},
    {0x2795, 0x2797},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f1e6, 0x1f202}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7eb}, {0x1f900, 0x1faff},
    {0x20000, 0x3fffd},
};
constexpr std::uint32_t kZeroWidthJoiner = 0x200d;
constexpr int kLongestLookBack = 32;  // code points

template <std::size_t N>
bool in(const Range (&ranges)[N], std::uint32_t c) {
  const auto* after =
      std::upper_bound(std::begin(ranges), std::end(ranges), c,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

bool is_extending(std::uint32_t c) {
  return c >= 0x300 && in(kExtending, c);
}

bool is_flag_letter(std::uint32_t c) {
  return c >= 0x1f1e6 && c <= 0x1f1ff;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t next(std::string_view text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && is_continuation(text[at]));
  return at;
}

std::size_t previous(std::string_view text, std::size_t at) {
  do {
    --at;
  } while (at > 0 && is_continuation(text[at]));
  return at;
}

/// The code point that begins at `at`; the text is well formed.
std::uint32_t code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(at) < 0x80) {
    return byte(at);
  }
  std::uint32_t c = byte(at) < 0xe0   ? byte(at) & 0x1fU
                    : byte(at) < 0xf0 ? byte(at) & 0x0fU
                                      : byte(at) & 0x07U;
  for (auto i = at + 1; i < text.size() && is_continuation(text[i]); ++i) {
    c = c << 6 | (byte(i) & 0x3fU);
  }
  return c;
}

bool is_border(std::string_view text, std::size_t from, std::size_t at) {
  const auto after = code_point(text, at);
  if (is_extending(after)) {
    return false;
  }
  auto place = previous(text, at);
  if (code_point(text, place) == kZeroWidthJoiner) {
    return false;
  }
  if (!is_flag_letter(after)) {
    return true;
  }
  // Flags are pairs of letters; what stands before decides which letters are a pair.
  int letters = 0;
  for (; is_flag_letter(code_point(text, place)) && letters < 2 * kLongestLookBack; ++letters) {
    if (place <= from) {
      return letters % 2 != 0;
    }
    place = previous(text, place);
  }
  return letters % 2 == 0;
}

}  // namespace

std::size_t character_border(std::string_view text, std::size_t from, std::size_t at) {
  at = std::min(at, text.size());
  while (at > from && at < text.size() && is_continuation(text[at])) {
    --at;
  }
  auto border = at;
  for (int i = 0; i < kLongestLookBack && border > from; ++i) {
    if (border == text.size() || is_border(text, from, border)) {
      return border;
    }
    border = previous(text, border);
  }
  return at > from ? at : std::min(next(text, from), text.size());
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  bool joined = false;
  for (std::size_t at = 0; at < text.size(); at = next(text, at)) {
    const auto c = code_point(text, at);
    if (!joined && !is_extending(c) && !(c >= 0x200b && c <= 0x200f)) {
      width += c >= 0x1100 && in(kWide, c) ? 2 : 1;
    }
    joined = c == kZeroWidthJoiner;
  }
  return width;
}

}  // namespace bot::markup

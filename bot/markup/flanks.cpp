#include "bot/markup/flanks.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace bot::markup {
namespace {

constexpr std::string_view kMark = "\uFDD0";

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

/// Scripts that are written without spaces between words, and East Asian punctuation and full-width forms.
constexpr Range kUnspaced[] = {
    {0x0E00, 0x0EFF},    // Thai, Lao
    {0x0F00, 0x0FFF},    // Tibetan
    {0x1000, 0x109F},    // Myanmar
    {0x1100, 0x11FF},    // Hangul letters
    {0x1780, 0x17FF},    // Khmer
    {0x2E80, 0x303F},    // radicals, ideographic symbols and punctuation
    {0x3040, 0x4DBF},    // kana, bopomofo, compatibility forms, ideographs
    {0x4E00, 0xA4CF},    // ideographs, Yi
    {0xA960, 0xA97F},    // Hangul letters
    {0xAC00, 0xD7FF},    // Hangul
    {0xF900, 0xFAFF},    // compatibility ideographs
    {0xFE10, 0xFE1F},    // vertical forms
    {0xFE30, 0xFE6F},    // compatibility and small forms
    {0xFF00, 0xFFEF},    // half-width and full-width forms
    {0x1AFF0, 0x1B2FF},  // more kana
    {0x20000, 0x3FFFF},  // more ideographs
};

/// What is punctuation or may be; to count a letter's neighbour among it does no harm.
constexpr Range kPunctuation[] = {
    {0x0021, 0x002F}, {0x003A, 0x0040}, {0x005B, 0x0060}, {0x007B, 0x007E}, {0x00A1, 0x00BF},
    {0x0E2F, 0x0E2F}, {0x0E4F, 0x0E5B}, {0x0F04, 0x0F14}, {0x104A, 0x104F}, {0x17D4, 0x17DA},
    {0x2010, 0x2027}, {0x2030, 0x205E}, {0x2E00, 0x2E7F}, {0x3001, 0x3003}, {0x3008, 0x3020},
    {0x3030, 0x3030}, {0x303D, 0x303D}, {0x30A0, 0x30A0}, {0x30FB, 0x30FB}, {0xFE10, 0xFE19},
    {0xFE30, 0xFE6F}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65},
    {0xFFE0, 0xFFEE},
};

constexpr Range kSpaces[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020}, {0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

bool is_space(char32_t c) {
  return is_in(kSpaces, c);
}
bool is_punctuation(char32_t c) {
  return is_in(kPunctuation, c);
}
bool is_unspaced(char32_t c) {
  return is_in(kUnspaced, c) && !is_space(c);
}

constexpr char32_t kNoCharacter = ' ';

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The character that begins there, and how many bytes it has; a byte that begins none counts as a letter.
std::pair<char32_t, std::size_t> character_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) {
    return {kNoCharacter, 0};
  }
  std::size_t size = 1;
  while (size < 4 && at + size < text.size() && is_continuation(text[at + size])) {
    ++size;
  }
  const auto lead = static_cast<unsigned char>(text[at]);
  if (size == 1) {
    return {lead, 1};
  }
  char32_t c = lead & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    c = (c << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  return {c, size};
}

/// Where the character before that place begins.
std::size_t before(std::string_view text, std::size_t at) {
  do {
    --at;
  } while (at > 0 && is_continuation(text[at]));
  return at;
}

/// Whether the punctuation that ends there belongs to a script without spaces, by itself or by what it
/// follows.
bool ends_unspaced(std::string_view text, std::size_t end) {
  while (end > 0) {
    end = before(text, end);
    const auto c = character_at(text, end).first;
    if (is_unspaced(c)) {
      return true;
    }
    if (!is_punctuation(c) || c == '*') {
      return false;
    }
  }
  return false;
}

bool begins_unspaced(std::string_view text, std::size_t at) {
  for (auto [c, size] = character_at(text, at); size > 0; std::tie(c, size) = character_at(text, at)) {
    if (is_unspaced(c)) {
      return true;
    }
    if (!is_punctuation(c) || c == '*') {
      return false;
    }
    at += size;
  }
  return false;
}

/// Which side of the run of "*" in [from, to) needs a mark.
enum class Side { none, before, after };
Side side_of(std::string_view text, std::size_t from, std::size_t to) {
  const auto previous = from == 0 ? kNoCharacter : character_at(text, before(text, from)).first;
  const auto next = character_at(text, to).first;
  if (is_space(previous) || is_space(next) || is_punctuation(previous) == is_punctuation(next)) {
    return Side::none;
  }
  if (is_punctuation(previous)) {
    return is_unspaced(next) || ends_unspaced(text, from) ? Side::before : Side::none;
  }
  return is_unspaced(previous) || begins_unspaced(text, to) ? Side::after : Side::none;
}

}  // namespace

std::string with_flank_marks(std::string_view markdown) {
  if (markdown.find('*') == std::string_view::npos || markdown.find(kMark) != std::string_view::npos) {
    return std::string(markdown);
  }
  std::string out;
  for (std::size_t at = 0; at < markdown.size();) {
    const auto run = std::min(markdown.find_first_of("*\\", at), markdown.size());
    out += markdown.substr(at, run - at);
    if (run == markdown.size()) {
      break;
    }
    if (markdown[run] == '\\') {
      out += markdown.substr(run, 2);
      at = run + 2;
      continue;
    }
    const auto end = std::min(markdown.find_first_not_of('*', run), markdown.size());
    const auto side = side_of(markdown, run, end);
    out += side == Side::before ? kMark : "";
    out += markdown.substr(run, end - run);
    out += side == Side::after ? kMark : "";
    at = end;
  }
  return out;
}

std::string without_flank_marks(std::string_view text) {
  std::string out(text);
  for (auto at = out.find(kMark); at != std::string::npos; at = out.find(kMark, at)) {
    out.erase(at, kMark.size());
  }
  return out;
}

}  // namespace bot::markup

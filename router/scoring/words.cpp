#include "router/scoring/words.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include <utf8proc.h>

#include "base/utf8.h"

namespace router {
namespace {

constexpr std::size_t kKeptAtEachEnd = 1000;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// The text, or its two ends.
std::string bounded(std::string_view text) {
  const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
  if (characters <= 2 * kKeptAtEachEnd) {
    return std::string(text);
  }
  const auto offset_of = [&](std::size_t character) {
    std::size_t at = 0;
    for (std::size_t seen = 0; at < text.size(); ++at) {
      if (begins_character(text[at]) && seen++ == character) {
        break;
      }
    }
    return at;
  };
  return std::string(text.substr(0, offset_of(kKeptAtEachEnd))) + "\n" +
         std::string(text.substr(offset_of(characters - kKeptAtEachEnd)));
}

std::string fold(const std::string& text) {
  utf8proc_uint8_t* folded = nullptr;
  constexpr auto kOptions = static_cast<utf8proc_option_t>(
      UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STABLE);
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &folded, kOptions);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
  return length < 0 ? text
                    : std::string(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(length));
}

bool is_between(utf8proc_int32_t c, utf8proc_int32_t first, utf8proc_int32_t last) {
  return c >= first && c <= last;
}

/// Scripts that put no space between words.
bool stands_alone(utf8proc_int32_t c) {
  return is_between(c, 0x3040, 0x30FF) || is_between(c, 0x3400, 0x9FFF) || is_between(c, 0x0E00, 0x0E7F) ||
         is_between(c, 0x20000, 0x3FFFF);
}

/// Small letters of other scripts that look like a Latin one, by code point (Unicode's confusables, the
/// common ones).
constexpr std::array<std::pair<utf8proc_int32_t, char>, 26> kLookAlikes = {
    {{0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0443, 'y'}, {0x0445, 'x'},
     {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x0501, 'd'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x04BB, 'h'},
     {0x043A, 'k'}, {0x043C, 'm'}, {0x0442, 't'}, {0x03B1, 'a'}, {0x03BF, 'o'}, {0x03C1, 'p'}, {0x03BD, 'v'},
     {0x03B9, 'i'}, {0x03BA, 'k'}, {0x03C5, 'u'}, {0x03C7, 'x'}, {0x0432, 'b'}}};

char latin_like(utf8proc_int32_t c) {
  const auto* const at =
      std::find_if(kLookAlikes.begin(), kLookAlikes.end(), [c](const auto& pair) { return pair.first == c; });
  return at == kLookAlikes.end() ? '\0' : at->second;
}

/// Collects the characters of one word.
class Word {
 public:
  bool empty() const { return text_.empty(); }
  bool is_number() const { return number_; }

  void add_digit() {
    number_ = true;
    text_ = "#";
  }

  void add(utf8proc_int32_t c, std::string_view bytes) {
    const char like = latin_like(c);
    has_latin_ = has_latin_ || is_between(c, 'a', 'z');
    has_look_alike_ = has_look_alike_ || like != '\0';
    text_ += bytes;
    as_latin_ += like == '\0' ? std::string(bytes) : std::string(1, like);
  }

  std::string take() {
    auto word = std::move(has_latin_ && has_look_alike_ ? as_latin_ : text_);
    *this = Word();
    return word;
  }

 private:
  std::string text_;
  std::string as_latin_;
  bool number_ = false;
  bool has_latin_ = false;
  bool has_look_alike_ = false;
};

enum class Kind { letter, digit, apostrophe, other };

Kind kind_of(utf8proc_int32_t c) {
  if (c == '\'' || c == 0x2019) {
    return Kind::apostrophe;
  }
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return Kind::letter;
    case UTF8PROC_CATEGORY_ND:
      return Kind::digit;
    default:
      return Kind::other;
  }
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  const auto folded = fold(bounded(base::is_utf8(text) ? std::string(text) : base::to_valid_utf8(text)));
  std::vector<std::string> words;
  Word word;
  const auto end_word = [&] {
    if (!word.empty()) {
      words.push_back(word.take());
    }
  };
  for (std::size_t at = 0; at < folded.size();) {
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(folded.data()) + at,
                                         static_cast<utf8proc_ssize_t>(folded.size() - at), &c);
    if (length <= 0) {
      ++at;
      continue;
    }
    const auto bytes = std::string_view(folded).substr(at, static_cast<std::size_t>(length));
    at += static_cast<std::size_t>(length);
    const auto kind = kind_of(c);
    if (stands_alone(c) && kind != Kind::other) {
      end_word();
      words.emplace_back(bytes);
    } else if (kind == Kind::digit) {
      if (!word.is_number()) {
        end_word();
        word.add_digit();
      }
    } else if (kind == Kind::letter) {
      if (word.is_number()) {
        end_word();
      }
      word.add(c, bytes);
    } else if (kind != Kind::apostrophe) {  // "don't" is one word
      end_word();
    }
  }
  end_word();
  return words;
}

}  // namespace router

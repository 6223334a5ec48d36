#include "bot/demo/words.h"

#include <algorithm>

#include "base/utf8.h"

namespace bot::demo {
namespace {

/// Letters and digits, and every byte of other alphabets.
bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

Words::Words(std::string_view text) {
  const auto lower = base::ascii_lower(text);
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) {
      padded_.append(word).append(" ");
      list_.push_back(std::move(word));
      word.clear();
    }
  };
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const std::string_view rest = std::string_view(lower).substr(i);
    // U+2000 to U+203F, general punctuation, is E2 80 xx; the quotes U+2018 and U+2019 are apostrophes.
    if (rest.size() >= 3 && rest.starts_with("\xE2\x80")) {
      if (rest[2] != '\x98' && rest[2] != '\x99') {
        end_word();
      }
      i += 2;
    } else if (is_word_byte(lower[i])) {
      word.push_back(lower[i]);
    } else if (lower[i] != '\'') {
      end_word();
    }
  }
  end_word();
}

bool Words::has(std::string_view phrase) const {
  return first({phrase}) != kNowhere;
}

bool Words::has_any(std::initializer_list<std::string_view> phrases) const {
  return first(phrases) != kNowhere;
}

std::size_t Words::first(std::initializer_list<std::string_view> phrases) const {
  std::size_t earliest = kNowhere;
  for (const auto phrase : phrases) {
    earliest = std::min(earliest, padded_.find(" " + std::string(phrase) + " "));
  }
  return earliest;
}

bool Words::begins_with_any(std::initializer_list<std::string_view> phrases) const {
  return first(phrases) == 0;
}

bool Words::is_any(std::initializer_list<std::string_view> phrases) const {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return padded_ == " " + std::string(phrase) + " "; });
}

}  // namespace bot::demo

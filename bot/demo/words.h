#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace bot::demo {

/// A text folded to lower-case words: apostrophes vanish ("what's" is "whats"), other punctuation separates.
class Words {
 public:
  static constexpr std::size_t kNowhere = std::string::npos;

  explicit Words(std::string_view text);

  /// Whether the phrase (folded itself, words separated by one space) occurs as whole words.
  bool has(std::string_view phrase) const;
  bool has_any(std::initializer_list<std::string_view> phrases) const;
  /// Where the first of the phrases begins, or kNowhere; only good for comparing.
  std::size_t first(std::initializer_list<std::string_view> phrases) const;
  bool begins_with_any(std::initializer_list<std::string_view> phrases) const;
  /// Whether the whole text is one of the phrases.
  bool is_any(std::initializer_list<std::string_view> phrases) const;

  std::size_t count() const { return list_.size(); }
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
  std::string padded_ = " ";  ///< " word word "
};

}  // namespace bot::demo

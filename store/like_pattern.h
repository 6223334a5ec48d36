#pragma once

#include <string>

namespace store {

/// What LIKE ... ESCAPE '\' finds where a text holds the word, in any case of its ASCII letters.
std::string like_pattern(const std::string& word);

/// SQLite takes a thousand conditions in one expression; nobody looks for that many words.
inline constexpr std::size_t kMostLikeWords = 100;

}  // namespace store

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/database.h"

namespace store {

/// The full-text index over the log: the message of each decision, the task and the result of its dispatch,
/// the answer. What is taken out of those rows leaves it in the same transaction, by triggers; what comes in
/// is added afterwards, so that no turn waits for it. Thread rule: that of the Database.
class LogWords {
 public:
  explicit LogWords(Database& db) : db_(db) {}

  /// Adds up to `most` decisions that are not in it as they are now, in a transaction of its own; false where
  /// none was left.
  bool add(int most);

 private:
  void index(std::int64_t decision);

  Database& db_;
};

/// A text as the index takes it. Scripts that put no blanks between their words have each character for a
/// word, so that one or two of them are found.
std::string text_to_index(const std::string& text);

/// What the index is asked for where all these words are wanted: the last of each may go on. Empty where none
/// of them has a letter or digit.
std::string words_to_match(const std::vector<std::string>& words);

}  // namespace store

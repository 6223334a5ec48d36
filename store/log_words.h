#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/ids.h"

namespace store {

/// The full-text index over the log: the message of each decision with the words of others that it brought,
/// the task and the result of its dispatch, what its tools were called with and said (beside the task), the
/// answer, and the chat that all of it was said in, by whose column a chat's own words are found among all
/// (room_in_index). A reminder that was posted stands there as an answer, under the number of its message
/// below 0. What is taken out of those rows leaves it in the same transaction, by triggers; what
/// comes in is added afterwards, so that no turn waits for it. Thread rule: that of the Database.
class LogWords {
 public:
  explicit LogWords(Database& db) : db_(db) {}

  /// Adds up to `most` decisions that are not in it as they are now, in a transaction of its own; false where
  /// none was left.
  bool add(int most);

 private:
  void index(std::int64_t id);

  Database& db_;
};

/// A text as the index takes it. Scripts that put no blanks between their words have each character for a
/// word, so that one or two of them are found.
std::string text_to_index(const std::string& text);

/// What text_to_index() made of a text, or a snippet of that with marks (bytes below a blank) around words,
/// as it was, on one line.
std::string text_from_index(const std::string& indexed);

/// As the column `chat` names the chat of which that is the room, see Conversations::room_of().
std::string room_in_index(ConversationId room);

/// What the index is asked for where all these words are wanted: the last of each may go on, unless it has
/// fewer than `whole_below` characters. Empty where none of them has a letter or digit.
std::string words_to_match(const std::vector<std::string>& words, std::size_t whole_below = 0);

}  // namespace store

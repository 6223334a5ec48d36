#pragma once

#include <optional>

#include "store/database.h"
#include "store/ids.h"

namespace store {

/// Short numbers of questions that are open side by side in one chat. A number is used again once the
/// question that had it shows no buttons any more. Thread rule: that of the Database.
class QuestionNumbers {
 public:
  explicit QuestionNumbers(Database& db) : db_(db) {}

  /// That of the question which this message of ours asks.
  std::optional<int> of(MessageId question);
  /// The smallest that no open question of that chat has.
  int next(ConversationId conversation);
  void give(ConversationId conversation, MessageId question, int number);

 private:
  Database& db_;
};

}  // namespace store

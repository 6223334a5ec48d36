#include "store/question_numbers.h"

#include "store/statement.h"

namespace store {

std::optional<int> QuestionNumbers::of(MessageId question) {
  return Statement(db_, "SELECT number FROM question_numbers WHERE message_id = ?", question).first<int>();
}

int QuestionNumbers::next(ConversationId conversation) {
  int next = 1;
  Statement used(
      db_,
      "SELECT DISTINCT number FROM question_numbers WHERE conversation_id = ? AND EXISTS (SELECT 1 FROM "
      "buttons b WHERE b.message_id = question_numbers.message_id AND b.shown = 1) ORDER BY number",
      conversation);
  while (used.next() && used.value<int>() == next) {
    ++next;
  }
  return next;
}

void QuestionNumbers::give(ConversationId conversation, MessageId question, int number) {
  Statement(db_, "INSERT INTO question_numbers(message_id, conversation_id, number) VALUES (?, ?, ?)",
            question, conversation, number)
      .execute();
}

}  // namespace store

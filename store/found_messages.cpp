#include "store/found_messages.h"

#include <vector>

#include "store/statement.h"

namespace store {

void FoundMessages::note(MessageId asked, const std::set<MessageId>& found) {
  if (found.empty()) {
    return;
  }
  Transaction transaction(db_);
  for (const auto message : found) {
    Statement(db_, "INSERT OR IGNORE INTO found_messages(asked_id, found_id) VALUES (?, ?)", asked, message)
        .execute();
  }
  transaction.commit();
}

std::set<MessageId> FoundMessages::answers_that_show(const std::set<MessageId>& messages) {
  std::set<MessageId> answers;
  auto seen = messages;
  std::vector<MessageId> next(messages.begin(), messages.end());
  while (!next.empty()) {
    const auto shown = next.back();
    next.pop_back();
    for (const auto asked :
         Statement(db_, "SELECT asked_id FROM found_messages WHERE found_id = ?", shown).all<MessageId>()) {
      if (!seen.insert(asked).second) {
        continue;
      }
      next.push_back(asked);
      const auto replies =
          Statement(
              db_,
              "SELECT a.id FROM messages q JOIN messages a ON a.conversation_id = q.conversation_id AND "
              "a.id > q.id JOIN outbox o ON o.message_id = a.id AND o.kind = 'message' WHERE q.id = ? AND "
              "q.external_id <> '' AND a.author = 'assistant' AND json_extract(o.body, '$.reply_to') = "
              "q.external_id",
              asked)
              .all<MessageId>();
      answers.insert(replies.begin(), replies.end());
    }
  }
  return answers;
}

void FoundMessages::forget(MessageId asked) {
  Statement(db_,
            "INSERT OR IGNORE INTO found_messages(asked_id, found_id) SELECT q.asked_id, f.found_id FROM "
            "found_messages f JOIN found_messages q ON q.found_id = f.asked_id WHERE f.asked_id = ?",
            asked)
      .execute();
  Statement(db_, "DELETE FROM found_messages WHERE asked_id = ?", asked).execute();
}

}  // namespace store

#include "store/drafts.h"

#include <utility>

#include "base/id.h"
#include "store/message_parts.h"
#include "store/statement.h"

namespace store {

std::optional<std::string> Drafts::begin(MessageId turn, ConversationId conversation,
                                         const std::string& answers, base::Timestamp now) {
  return Statement(db_,
                   "INSERT INTO drafts(turn_id, key, begun_at) SELECT ?1, ?2, ?3 WHERE NOT EXISTS "
                   "(SELECT 1 FROM messages m JOIN outbox o ON o.message_id = m.id AND o.kind = 'message' "
                   "WHERE m.conversation_id = ?4 AND m.id > ?1 AND m.author = 'assistant' "
                   "AND json_extract(o.body, '$.reply_to') = ?5) ON CONFLICT DO NOTHING RETURNING key",
                   turn, "msg_" + base::time_ordered_hex(), now, conversation, answers)
      .first<std::string>();
}

std::optional<OutboxId> Drafts::calls_before(MessageId turn) {
  return Statement(db_, "SELECT coalesce((SELECT max(id) FROM outbox), 0) FROM drafts WHERE turn_id = ?",
                   turn)
      .first<OutboxId>();
}

void Drafts::take_over(MessageId turn, ConversationId conversation, OutboxId behind) {
  const auto draft = Statement(db_, "DELETE FROM drafts WHERE turn_id = ? RETURNING key, begun_at", turn)
                         .first([](Statement& row) {
                           std::pair<std::string, base::Timestamp> found;
                           row.read(found.first, found.second);
                           return found;
                         });
  if (!draft) {
    return;
  }
  const auto posted = Statement(db_,
                                "UPDATE outbox SET key = ?1 WHERE id = (SELECT min(id) FROM outbox WHERE "
                                "conversation_id = ?2 AND kind = 'message' AND id > ?3) RETURNING message_id",
                                draft->first, conversation, behind)
                          .first<MessageId>();
  if (posted) {
    MessageParts parts(db_);
    parts.mark_attempted(*posted, 0, draft->second);
    parts.mark_shown(*posted, 0, kShowsDraft);
  }
}

}  // namespace store

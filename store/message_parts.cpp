#include "store/message_parts.h"

#include "store/statement.h"

namespace store {

std::vector<MessagePart> MessageParts::of(MessageId message) {
  return Statement(db_,
                   "SELECT position, shown, attempted_at, external_id, state FROM pieces "
                   "WHERE message_id = ? ORDER BY position",
                   message)
      .all([](Statement& row) {
        MessagePart part;
        std::string id;
        PartState state{};
        row.read(part.position, part.shown, part.attempted, id, state);
        // What an attempt has in place of the service's id is its step.
        part.external_id = state == PartState::sent ? id : "";
        part.step = state == PartState::attempted ? id : "";
        part.uncertain = state == PartState::uncertain;
        return part;
      });
}

void MessageParts::mark_attempted(MessageId message, int position, base::Timestamp now) {
  Statement(db_,
            "INSERT INTO pieces(message_id, position, state, attempted_at) "
            "VALUES (?, ?, 'attempted', ?) ON CONFLICT DO NOTHING",
            message, position, now)
      .execute();
}

void MessageParts::mark_step(MessageId message, int position, const std::string& step) {
  Statement(
      db_,
      "UPDATE pieces SET external_id = ?3 WHERE message_id = ?1 AND position = ?2 AND state = 'attempted'",
      message, position, step)
      .execute();
}

void MessageParts::mark_sent(MessageId message, int position, const std::string& external_id) {
  Statement(db_, "UPDATE pieces SET state = 'sent', external_id = ?3 WHERE message_id = ?1 AND position = ?2",
            message, position, external_id)
      .execute();
}

void MessageParts::mark_shown(MessageId message, int position, const std::string& digest) {
  Statement(db_, "UPDATE pieces SET shown = ?3 WHERE message_id = ?1 AND position = ?2", message, position,
            digest)
      .execute();
}

void MessageParts::forget(MessageId message, int position) {
  Statement(db_, "DELETE FROM pieces WHERE message_id = ? AND position = ?", message, position).execute();
}

void MessageParts::mark_uncertain(MessageId message, int position) {
  Statement(db_, "UPDATE pieces SET state = 'uncertain' WHERE message_id = ? AND position = ?", message,
            position)
      .execute();
}

void MessageParts::mark_doubtful(MessageId message, int position) {
  Statement(db_, "UPDATE pieces SET doubtful = doubtful + 1 WHERE message_id = ? AND position = ?", message,
            position)
      .execute();
}

int MessageParts::doubtful_count() {
  return Statement(db_, "SELECT count(*) FROM pieces WHERE state = 'uncertain' OR doubtful > 0")
      .first<int>()
      .value_or(0);
}

std::vector<MessageParts::Doubt> MessageParts::doubts(int limit) {
  return Statement(db_,
                   "SELECT c.section, c.chat_id, p.message_id, p.position, p.state = 'uncertain', "
                   "p.attempted_at FROM pieces p JOIN messages m ON m.id = p.message_id "
                   "JOIN conversations c ON c.id = m.conversation_id "
                   "WHERE p.state = 'uncertain' OR p.doubtful > 0 ORDER BY p.message_id DESC LIMIT ?",
                   limit)
      .all([](Statement& row) {
        Doubt d;
        row.read(d.section, d.chat_id, d.message, d.position, d.uncertain, d.attempted);
        return d;
      });
}

}  // namespace store

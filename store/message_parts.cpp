#include "store/message_parts.h"

#include "store/statement.h"

namespace store {
namespace {

// The first half is what the partial index says.
constexpr const char* kInDoubt =
    "(p.state = 'uncertain' OR p.doubtful > 0) AND (p.settled_at IS NULL OR p.doubtful > 0)";

std::string select_doubt(const char* rest) {
  return std::string(
             "SELECT c.section, c.chat_id, p.message_id, p.position, p.state = 'uncertain', p.attempted_at, "
             "(SELECT key FROM outbox o WHERE o.message_id = p.message_id AND o.kind = 'message' LIMIT 1) "
             "FROM pieces p JOIN messages m ON m.id = p.message_id "
             "JOIN conversations c ON c.id = m.conversation_id WHERE ") +
         kInDoubt + " " + rest;
}

MessageParts::Doubt read_doubt(Statement& row) {
  MessageParts::Doubt d;
  std::optional<std::string> key;
  row.read(d.section, d.chat_id, d.message, d.position, d.uncertain, d.attempted, key);
  d.key = key.value_or("");
  return d;
}

}  // namespace

std::vector<MessagePart> MessageParts::of(MessageId message) {
  return Statement(
             db_,
             "SELECT position, shown, attempted_at, external_id, state, settled_at IS NOT NULL FROM pieces "
             "WHERE message_id = ? ORDER BY position",
             message)
      .all([](Statement& row) {
        MessagePart part;
        std::string id;
        PartState state{};
        row.read(part.position, part.shown, part.attempted, id, state, part.settled);
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
  return Statement(db_, std::string("SELECT count(*) FROM pieces p WHERE ") + kInDoubt)
      .first<int>()
      .value_or(0);
}

std::vector<MessageParts::Doubt> MessageParts::doubts(int limit) {
  return Statement(db_, select_doubt("ORDER BY p.message_id DESC LIMIT ?"), limit).all(read_doubt);
}

std::optional<MessageParts::Doubt> MessageParts::doubt(MessageId message, int position) {
  return Statement(db_, select_doubt("AND p.message_id = ? AND p.position = ?"), message, position)
      .first(read_doubt);
}

void MessageParts::settle_doubt(MessageId message, int position, base::Timestamp now) {
  Statement(db_, "UPDATE pieces SET settled_at = ?3, doubtful = 0 WHERE message_id = ?1 AND position = ?2",
            message, position, now)
      .execute();
}

}  // namespace store

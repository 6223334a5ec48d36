#include "store/message_parts.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {
namespace {

/// Binds message and position, the first two parameters of every statement here, and runs it.
void run(Database& db, const char* sql, MessageId message, int position, const std::string& text = {}) {
  SQLite::Statement s(db.handle(), sql);
  s.bind(1, message.value);
  s.bind(2, position);
  if (s.getBindParameterCount() > 2) {
    s.bind(3, text);
  }
  s.exec();
}

}  // namespace

std::vector<MessagePart> MessageParts::of(MessageId message) {
  SQLite::Statement s(db_.handle(),
                      "SELECT position, external_id, shown, state, attempted_at FROM pieces "
                      "WHERE message_id = ? ORDER BY position");
  s.bind(1, message.value);
  std::vector<MessagePart> parts;
  while (s.executeStep()) {
    // What an attempt has in place of the service's id is its step.
    const auto state = s.getColumn(3).getString();
    const auto id = s.getColumn(1).getString();
    parts.push_back({s.getColumn(0).getInt(), state == "sent" ? id : "", s.getColumn(2).getString(),
                     state == "uncertain", base::from_unix_ms(s.getColumn(4).getInt64()),
                     state == "attempted" ? id : ""});
  }
  return parts;
}

void MessageParts::mark_attempted(MessageId message, int position, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO pieces(message_id, position, state, attempted_at) "
                      "VALUES (?, ?, 'attempted', ?) ON CONFLICT DO NOTHING");
  s.bind(1, message.value);
  s.bind(2, position);
  s.bind(3, base::to_unix_ms(now));
  s.exec();
}

void MessageParts::mark_step(MessageId message, int position, const std::string& step) {
  run(db_,
      "UPDATE pieces SET external_id = ?3 WHERE message_id = ?1 AND position = ?2 AND state = 'attempted'",
      message, position, step);
}

void MessageParts::mark_sent(MessageId message, int position, const std::string& external_id) {
  run(db_, "UPDATE pieces SET state = 'sent', external_id = ?3 WHERE message_id = ?1 AND position = ?2",
      message, position, external_id);
}

void MessageParts::mark_shown(MessageId message, int position, const std::string& digest) {
  run(db_, "UPDATE pieces SET shown = ?3 WHERE message_id = ?1 AND position = ?2", message, position, digest);
}

void MessageParts::forget(MessageId message, int position) {
  run(db_, "DELETE FROM pieces WHERE message_id = ?1 AND position = ?2", message, position);
}

void MessageParts::mark_uncertain(MessageId message, int position) {
  run(db_, "UPDATE pieces SET state = 'uncertain' WHERE message_id = ?1 AND position = ?2", message,
      position);
}

void MessageParts::mark_doubtful(MessageId message, int position) {
  run(db_, "UPDATE pieces SET doubtful = doubtful + 1 WHERE message_id = ?1 AND position = ?2", message,
      position);
}

int MessageParts::doubtful_count() {
  return db_.handle()
      .execAndGet("SELECT count(*) FROM pieces WHERE state = 'uncertain' OR doubtful > 0")
      .getInt();
}

std::vector<MessageParts::Doubt> MessageParts::doubts(int limit) {
  SQLite::Statement s(db_.handle(),
                      "SELECT c.section, c.chat_id, p.message_id, p.position, p.state = 'uncertain', "
                      "p.attempted_at FROM pieces p JOIN messages m ON m.id = p.message_id "
                      "JOIN conversations c ON c.id = m.conversation_id "
                      "WHERE p.state = 'uncertain' OR p.doubtful > 0 ORDER BY p.message_id DESC LIMIT ?");
  s.bind(1, limit);
  std::vector<Doubt> doubts;
  while (s.executeStep()) {
    doubts.push_back({s.getColumn(0).getString(),
                      s.getColumn(1).getString(),
                      {s.getColumn(2).getInt64()},
                      s.getColumn(3).getInt(),
                      s.getColumn(4).getInt() != 0,
                      base::from_unix_ms(s.getColumn(5).getInt64())});
  }
  return doubts;
}

}  // namespace store

#include "store/cut_messages.h"

#include "store/statement.h"

namespace store {

void CutMessages::add(MessageId message, const std::string& own_id, std::size_t bytes) {
  Statement(db_, "INSERT OR IGNORE INTO cut_messages(message_id, own_id, bytes) VALUES (?, ?, ?)", message,
            own_id, static_cast<std::int64_t>(bytes))
      .execute();
}

void CutMessages::resize(MessageId message, const std::string& own_id, std::size_t bytes) {
  Statement(db_, "UPDATE cut_messages SET bytes = ? WHERE message_id = ? AND own_id = ?",
            static_cast<std::int64_t>(bytes), message, own_id)
      .execute();
}

std::vector<CutMessages::Part> CutMessages::parts(MessageId message) {
  return Statement(db_, "SELECT own_id, bytes FROM cut_messages WHERE message_id = ? ORDER BY id", message)
      .all([](Statement& row) {
        Part part;
        std::int64_t bytes = 0;
        row.read(part.own_id, bytes);
        part.bytes = static_cast<std::size_t>(bytes);
        return part;
      });
}

std::optional<MessageId> CutMessages::of_part(ConversationId conversation, const std::string& own_id) {
  return Statement(
             db_,
             "SELECT message_id FROM cut_messages JOIN messages ON messages.id = message_id WHERE own_id = ? "
             "AND conversation_id = ? ORDER BY cut_messages.id DESC LIMIT 1",
             own_id, conversation)
      .first<MessageId>();
}

}  // namespace store

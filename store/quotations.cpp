#include "store/quotations.h"

#include "store/statement.h"

namespace store {

bool is_foreign(const Quotation& quotation) {
  return quotation.words_of == WordsOf::others && quotation.kind != QuotationKind::thread &&
         quotation.text != kFilesOnly && quotation.text != kNotTold;
}

void Quotations::replace(MessageId message, const std::vector<Quotation>& quotations) {
  Statement(db_, "DELETE FROM quotations WHERE message_id = ?", message).execute();
  int position = 0;
  for (const auto& quotation : quotations) {
    Statement(db_,
              "INSERT INTO quotations(message_id, position, kind, words_of, author, text) "
              "VALUES (?, ?, ?, ?, ?, ?)",
              message, position++, quotation.kind, quotation.words_of, quotation.author, quotation.text)
        .execute();
  }
}

std::map<MessageId, std::vector<Quotation>> Quotations::among(ConversationId conversation, MessageId first,
                                                              MessageId last) {
  std::map<MessageId, std::vector<Quotation>> found;
  // Most have none, which is known sooner without a look at each message.
  if (!Statement(db_, "SELECT 1 FROM quotations WHERE message_id BETWEEN ? AND ? LIMIT 1", first, last)
           .any()) {
    return found;
  }
  Statement rows(
      db_,
      "SELECT q.message_id, q.kind, q.words_of, q.author, q.text FROM messages m JOIN quotations q "
      "ON q.message_id = m.id WHERE m.conversation_id = ? AND m.id BETWEEN ? AND ? "
      "ORDER BY q.message_id, q.position",
      conversation, first, last);
  while (rows.next()) {
    const auto message = rows.value<MessageId>();
    auto& quotation = found[message].emplace_back();
    rows.read(quotation.kind, quotation.words_of, quotation.author, quotation.text);
  }
  return found;
}

std::vector<Quotation> Quotations::of(MessageId message) {
  return Statement(
             db_,
             "SELECT kind, words_of, author, text FROM quotations WHERE message_id = ? ORDER BY position",
             message)
      .all([](Statement& row) {
        Quotation quotation;
        row.read(quotation.kind, quotation.words_of, quotation.author, quotation.text);
        return quotation;
      });
}

}  // namespace store

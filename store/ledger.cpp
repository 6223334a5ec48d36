#include "store/ledger.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {
namespace {

template <typename Id>
void bind_optional(SQLite::Statement& s, int index, const std::optional<Id>& id) {
  if (id) {
    s.bind(index, id->value);
  } else {
    s.bind(index);
  }
}

}  // namespace

void Ledger::add(const LedgerEntry& entry, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO ledger(at, conversation_id, person_id, dispatch_id, purpose, provider, model, "
      "input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, usd) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(1, base::to_unix_ms(now));
  bind_optional(s, 2, entry.conversation);
  bind_optional(s, 3, entry.person);
  bind_optional(s, 4, entry.dispatch);
  s.bind(5, entry.purpose);
  s.bind(6, entry.provider);
  s.bind(7, entry.model);
  s.bind(8, entry.input_tokens);
  s.bind(9, entry.cache_read_tokens);
  s.bind(10, entry.cache_write_tokens);
  s.bind(11, entry.output_tokens);
  s.bind(12, entry.usd);
  s.exec();
}

double Ledger::spent_since(base::Timestamp since, std::optional<PersonId> person) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT coalesce(sum(usd), 0) FROM ledger WHERE at >= ?1 AND (?2 IS NULL OR person_id = ?2)");
  s.bind(1, base::to_unix_ms(since));
  bind_optional(s, 2, person);
  s.executeStep();
  return s.getColumn(0).getDouble();
}

}  // namespace store

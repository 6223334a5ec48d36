#include "store/routing_console.h"

#include "store/statement.h"

namespace store {
namespace {

ConsoleSetting read_setting(Statement& row) {
  ConsoleSetting s;
  row.read(s.version, s.scope, s.ask_at, s.dispatch_at, s.reason, s.by, s.at, s.prices);
  return s;
}

constexpr const char* kColumns =
    "SELECT id, scope, ask_at, dispatch_at, reason, set_by, set_at, prices FROM routing_console ";

}  // namespace

std::vector<ConsoleSetting> RoutingConsole::in_force() {
  if (!Statement(db_, "SELECT 1 FROM routing_console LIMIT 1").any()) {
    return {};  // nothing to sort, as in most installations
  }
  return Statement(db_, std::string(kColumns) +
                            "WHERE id IN (SELECT max(id) FROM routing_console GROUP BY scope) AND "
                            "(ask_at IS NOT NULL OR dispatch_at IS NOT NULL) ORDER BY scope")
      .all(read_setting);
}

std::vector<ConsoleSetting> RoutingConsole::changes() {
  return Statement(db_, std::string(kColumns) + "ORDER BY id").all(read_setting);
}

std::vector<ConsoleSetting> RoutingConsole::changes_before(std::optional<std::int64_t> before, int limit) {
  return Statement(db_, std::string(kColumns) + "WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
                   before, limit)
      .all(read_setting);
}

std::int64_t RoutingConsole::version() {
  return Statement(db_, "SELECT coalesce(max(id), 0) FROM routing_console").first<std::int64_t>().value_or(0);
}

std::int64_t RoutingConsole::add(const ConsoleSetting& change) {
  Statement(db_,
            "INSERT INTO routing_console(scope, ask_at, dispatch_at, reason, set_by, set_at, prices) VALUES "
            "(?, ?, ?, ?, ?, ?, ?)",
            change.scope, change.ask_at, change.dispatch_at, change.reason, change.by, change.at,
            change.prices)
      .execute();
  return db_.last_row_id();
}

}  // namespace store

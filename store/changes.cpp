#include "store/changes.h"

#include "store/statement.h"

namespace store {

Change change_by_shell(base::Timestamp at, const std::string& what, const std::string& scope) {
  return {.at = at, .by = "shell", .role = "admin", .what = what, .scope = scope};
}

std::int64_t Changes::add(const Change& change) {
  Statement(db_,
            "INSERT INTO changes(changed_at, changed_by, role, what, scope, before_json, after_json, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            change.at, change.by, change.role, change.what, change.scope, change.before, change.after,
            change.reason)
      .execute();
  return db_.last_row_id();
}

std::vector<Change> Changes::newest(int limit, std::optional<std::int64_t> before) {
  return Statement(db_,
                   "SELECT id, changed_at, changed_by, role, what, scope, before_json, after_json, reason "
                   "FROM changes WHERE id < ? ORDER BY id DESC LIMIT ?",
                   before.value_or(INT64_MAX), limit)
      .all([](Statement& row) {
        Change c;
        row.read(c.id, c.at, c.by, c.role, c.what, c.scope, c.before, c.after, c.reason);
        return c;
      });
}

}  // namespace store

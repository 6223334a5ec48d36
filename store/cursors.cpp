#include "store/cursors.h"

#include "store/statement.h"

namespace store {

void Cursors::save(const std::string& section, const Cursor& cursor) {
  Statement(db_,
            "INSERT INTO cursors(section, name, value) VALUES (?, ?, ?) "
            "ON CONFLICT (section, name) DO UPDATE SET value = excluded.value",
            section, cursor.name, cursor.value)
      .execute();
}

std::optional<std::string> Cursors::find(const std::string& section, const std::string& name) {
  return Statement(db_, "SELECT value FROM cursors WHERE section = ? AND name = ?", section, name)
      .first<std::string>();
}

}  // namespace store

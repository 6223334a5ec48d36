#include "store/cursors.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {

void Cursors::save(const std::string& section, const Cursor& cursor) {
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO cursors(section, name, value) VALUES (?, ?, ?) "
                      "ON CONFLICT (section, name) DO UPDATE SET value = excluded.value");
  s.bind(1, section);
  s.bind(2, cursor.name);
  s.bind(3, cursor.value);
  s.exec();
}

std::optional<std::string> Cursors::find(const std::string& section, const std::string& name) {
  SQLite::Statement s(db_.handle(), "SELECT value FROM cursors WHERE section = ? AND name = ?");
  s.bind(1, section);
  s.bind(2, name);
  return s.executeStep() ? std::optional(s.getColumn(0).getString()) : std::nullopt;
}

}  // namespace store

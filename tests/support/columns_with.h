#pragma once

#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store/database.h"

namespace support {

/// "messages.text", for each column of any table in which these words stand.
inline std::vector<std::string> columns_with(store::Database& db, const std::string& words) {
  std::vector<std::string> found;
  SQLite::Statement columns(db.handle(),
                            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                            "WHERE m.type = 'table'");
  while (columns.executeStep()) {
    const auto table = columns.getColumn(0).getString();
    const auto column = columns.getColumn(1).getString();
    SQLite::Statement rows(db.handle(),
                           "SELECT 1 FROM \"" + table + "\" WHERE instr(\"" + column + "\", ?) > 0");
    rows.bind(1, words);
    if (rows.executeStep()) {
      found.push_back(table + "." + column);
    }
  }
  return found;
}

}  // namespace support

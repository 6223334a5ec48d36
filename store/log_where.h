#pragma once

#include <string>
#include <vector>

#include "store/database.h"
#include "store/log_view.h"

namespace store {

/// The conditions of a filter on log_entries, there called `e`: " WHERE … AND …", or nothing.
struct LogWhere {
  std::string from;    ///< "log_entries e …": by which index the entries are to be looked through
  bool by_id = false;  ///< they come in the order of w.rowid, which is that of their times
  std::string sql;     ///< with a question mark for each text
  std::vector<std::string> texts;  ///< to be bound, in their order
};
LogWhere log_where(Database& db, const LogFilter& filter);

/// What LogView::places() asks the database: a value and a decision's id for each row.
struct LogQuery {
  std::string sql;
  std::vector<std::string> texts;
};
LogQuery places_query(Database& db, const LogFilter& filter);

}  // namespace store

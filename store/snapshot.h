#pragma once

#include "store/connection.h"
#include "store/database.h"

namespace store {

/// As long as it lives, what a Database of a CommitGroup reads by its own connection is of one moment: what
/// others commit meanwhile would make it read all pages anew with each statement. Not to be held for longer
/// than it takes to read, nor while its reader waits for what it writes itself. Alone, or within a
/// transaction, it changes nothing. Thread rule: that of the Database.
class Snapshot {
 public:
  explicit Snapshot(Database& db);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& db_;
  Connection* reader_ = nullptr;
  Connection::Prepared end_;  ///< prepared before: its end must not want for memory
};

}  // namespace store

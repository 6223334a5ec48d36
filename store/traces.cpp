#include "store/traces.h"

#include <chrono>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "store/statement.h"

namespace store {
namespace {

/// Writers wait meanwhile, so each attempt is short.
constexpr std::chrono::milliseconds kAttempt{100};
constexpr int kAttempts = 20;
/// As each connection has it otherwise.
constexpr std::chrono::milliseconds kUsual{10'000};

/// A deleted word stands in the segment of the index that held it until that is merged. The first step makes
/// all of them one to be merged, the others go on; one that has nothing to do changes nothing.
void merge_index(Database& db, const std::string& table) {
  constexpr int kPagesInAStep = 200;
  bool more = true;
  for (int pages = -kPagesInAStep; more; pages = kPagesInAStep) {
    Transaction transaction(db);
    auto* const connection = db.handle().getHandle();
    const int before = sqlite3_total_changes(connection);
    Statement(db, "INSERT INTO " + table + "(" + table + ", rank) VALUES ('merge', ?)", pages).execute();
    more = sqlite3_total_changes(connection) - before >= 2;
    transaction.commit();
  }
}

}  // namespace

bool wipe_traces(Database& db) {
  for (const char* table : {"log_words", "note_words"}) {
    merge_index(db, table);
  }
  auto& connection = db.handle();
  connection.setBusyTimeout(static_cast<int>(kAttempt.count()));
  bool emptied = false;
  for (int i = 0; i < kAttempts && !emptied; ++i) {
    emptied = connection.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0;
  }
  connection.setBusyTimeout(static_cast<int>(kUsual.count()));
  return emptied;
}

}  // namespace store

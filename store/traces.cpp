#include "store/traces.h"

#include <algorithm>
#include <array>
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
constexpr int kPagesInAStep = 200;
/// Of these a step takes 4 ms, and 11 at most, in an index of 136 MiB.
constexpr int kPagesInAShortStep = 50;
constexpr std::array kIndexes = {"log_words", "note_words"};

/// A deleted word stands in the segment of the index that held it until that is merged. The first step makes
/// all of them one to be merged, the others go on; one that has nothing to do changes nothing.
bool merge_index(Database& db, const std::string& table, int pages_in_a_step,
                 const std::function<bool()>& go_on) {
  bool more = true;
  for (int pages = -pages_in_a_step; more; pages = pages_in_a_step) {
    Transaction transaction(db);
    auto* const connection = db.handle().getHandle();
    const int before = sqlite3_total_changes(connection);
    Statement(db, "INSERT INTO " + table + "(" + table + ", rank) VALUES ('merge', ?)", pages).execute();
    more = sqlite3_total_changes(connection) - before >= 2;
    transaction.commit();
    if (more && !go_on()) {
      return false;
    }
  }
  return true;
}

bool merge_indexes(Database& db, int pages_in_a_step, const std::function<bool()>& go_on) {
  return std::ranges::all_of(
      kIndexes, [&](const char* table) { return merge_index(db, table, pages_in_a_step, go_on); });
}

bool empty_write_ahead_log(Database& db, int attempts) {
  auto& connection = db.handle();
  connection.setBusyTimeout(static_cast<int>(kAttempt.count()));
  bool emptied = false;
  for (int i = 0; i < attempts && !emptied; ++i) {
    emptied = connection.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0;
  }
  connection.setBusyTimeout(static_cast<int>(kUsual.count()));
  return emptied;
}

}  // namespace

bool wipe_traces(Database& db) {
  merge_indexes(db, kPagesInAStep, [] { return true; });
  return empty_write_ahead_log(db, kAttempts);
}

bool wipe_traces_at_leisure(Database& db, const std::function<bool()>& go_on) {
  if (!merge_indexes(db, kPagesInAShortStep, go_on)) {
    return false;
  }
  empty_write_ahead_log(db, 1);
  return true;
}

}  // namespace store

#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace SQLite {
class Database;
}

namespace store {

// The hash chain over the log (decision 0016). The table `chain` only grows: an entry for each row of the
// tables below that was inserted and for each change of one, in the transaction of the change.
//
//   digest = SHA-256(salt, table, 0, and of each column that is not NULL, in the order of their names:
//                    name, 0, type (i r t b), length in 8 bytes, value)
//   hash   = SHA-256(the hash before, seq in 8 bytes, table, 0, row's id in 8 bytes, event, 0, digest)
//
// Numbers have their high byte first; before the first entry the hash is 32 zero bytes.
//
// Covered is every column of these tables and nothing else. Messages, the outbox, quotations, the ledger and
// files may be emptied at any time. Whoever takes texts out of a covered row does it within a ChainedErasure:
// the entry says so, and the salts of the entries before go, so that no guess of the old text can be tried on
// their digests.

/// The tables that the chain covers, in the order in which older rows were taken over.
inline constexpr std::array<std::string_view, 6> kChainedTables = {"decisions", "dispatches", "approvals",
                                                                   "verdicts",  "changes",    "tool_calls"};

/// Why there is an entry.
namespace chain_event {
inline constexpr const char* kTakenOver =
    "taken-over";  ///< the row was there before the chain, or a migration changed it
inline constexpr const char* kWritten = "written";
inline constexpr const char* kPruned = "pruned";  ///< its texts were taken out because of their age
inline constexpr const char* kErased = "erased";  ///< its texts were taken out because a person went
inline constexpr const char* kUnfit =
    "unfit";  ///< a change found the row as no entry has it: somebody else wrote it
}  // namespace chain_event

/// Lets this connection write entries: whatever changes a covered row through it is chained from now on, by
/// triggers that are there for this connection alone. Other programs write past them, which verify finds.
/// Does nothing where there is no table `chain`. Throws SQLite::Exception.
void attach_chain(SQLite::Database& db);

/// Must be called before the connection is closed.
void detach_chain(SQLite::Database& db) noexcept;

/// Columns of a table in the order of their names.
std::vector<std::string> chained_columns(SQLite::Database& db, std::string_view table);

/// The hash of an entry.
std::string chain_hash(const std::string& before, std::int64_t seq, const std::string& table,
                       std::int64_t row, const std::string& event, const std::string& digest);

/// SQL that computes the digest of the row `t` with the salt of the entry `c`.
std::string digest_call(SQLite::Database& db, std::string_view table);

/// While it lives, what is changed through this connection is chained under that event. To be used inside of
/// a transaction.
class ChainedErasure {
 public:
  /// `event` is kPruned or kErased.
  ChainedErasure(Database& db, const char* event);
  ~ChainedErasure();
  ChainedErasure(const ChainedErasure&) = delete;
  ChainedErasure& operator=(const ChainedErasure&) = delete;

 private:
  Database& db_;
};

/// Keeps the chain over migrations: rows that fitted before, and those of a table that it did not cover, have
/// an entry of their new form afterwards; rows that did not fit still do not. To be used inside of their
/// transaction.
class ChainOverMigrations {
 public:
  explicit ChainOverMigrations(SQLite::Database& db);
  /// After the last of them.
  void take_over();

 private:
  SQLite::Database& db_;
  const bool was_there_;
  std::set<std::string> unfit_;
};

}  // namespace store

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/notifier.h"

namespace SQLite {
class Database;
}

namespace store {

/// One connection to the database file. WAL with synchronous=FULL: what was committed survives a power cut.
/// Thread rule: one thread at a time; every thread opens its own.
/// Failures of SQLite are thrown as SQLite::Exception (a std::runtime_error).
class Database {
 public:
  /// Opens the file, creates it and its folder where needed, and brings the schema up to date in one
  /// transaction. A database written by a newer version is refused with base::ConfigError and not touched.
  explicit Database(const std::filesystem::path& path);
  ~Database();
  Database(Database&&) noexcept;

  SQLite::Database& handle() { return *db_; }
  const std::filesystem::path& path() const { return path_; }

  /// The id that the newest INSERT of this connection gave its row.
  std::int64_t last_row_id();

  /// Commits a row that nobody reads, to see that there is room and the right to write; throws if not.
  void probe_write(base::Timestamp now);

 private:
  std::filesystem::path path_;
  std::unique_ptr<SQLite::Database> db_;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back unless commit() was called. Never held over the network or a child.
class Transaction {
 public:
  explicit Transaction(Database& db);
  /// One that leaves work behind: commit() rings `on_commit` once the rows can be seen by everybody. A
  /// rollback rings nothing. The notifier must outlive the transaction.
  Transaction(Database& db, base::Notifier& on_commit);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& db_;
  base::Notifier* const on_commit_ = nullptr;
  bool open_ = true;
};

/// The path behind "sqlite:PATH", relative to `folder`. Throws base::ConfigError for another kind of URL.
std::filesystem::path database_path(const std::string& url, const std::filesystem::path& folder);

}  // namespace store

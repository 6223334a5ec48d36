#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
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

class CommitGroup;
class Connection;

/// One connection to the database file. WAL with synchronous=FULL: what was committed survives a power cut.
/// Thread rule: one thread at a time; every thread opens its own.
/// Failures of SQLite are thrown as SQLite::Exception (a std::runtime_error).
class Database {
 public:
  /// Opens the file, creates it and its folder where needed, and brings the schema up to date in one
  /// transaction. A database written by a newer version is refused with base::ConfigError and not touched.
  explicit Database(const std::filesystem::path& path);
  /// One whose transactions are committed together with those of others, see CommitGroup. It reads by a
  /// connection that the group lends it for as long as it reads. The group must outlive it.
  explicit Database(CommitGroup& group);
  ~Database();
  Database(Database&&) noexcept;

  SQLite::Database& handle();
  const std::filesystem::path& path() const { return path_; }

  /// The id that the newest INSERT by a Statement of this Database gave its row.
  std::int64_t last_row_id() const { return last_row_id_; }

  /// There will be so many more jobs of that kind to claim (0: perhaps some may run earlier) once what is
  /// being written is committed.
  void note_work(const std::string& kind, int jobs);
  /// What was noted since it was asked last, so that who waits for it can be woken.
  std::map<std::string, int> take_noted_work();

  /// Commits a row that nobody reads, to see that there is room and the right to write; throws if not.
  void probe_write(base::Timestamp now);

 private:
  friend class CommitGroup;
  friend class Statement;
  friend class Transaction;

  Connection& connection();

  std::filesystem::path path_;
  CommitGroup* group_ = nullptr;
  std::unique_ptr<Connection> own_;
  Connection* shared_ = nullptr;  ///< that of the group, while it is this one's turn to write
  std::int64_t last_row_id_ = 0;
  std::map<std::string, int> noted_work_;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back unless commit() was called. Never held over the network or a child.
/// In a CommitGroup it is a savepoint in the group's transaction; commit() returns once that is committed,
/// and throws where it could not be.
class Transaction {
 public:
  /// Whether what was written must be safe when commit() returns.
  enum class Promise {
    durable,
    /// Where others write, too, their commit will do. Until then a crash undoes it, and other connections do
    /// not see it; it is never lost where something that was promised later is not.
    soon
  };
  explicit Transaction(Database& db, Promise promise = Promise::durable);
  /// One that leaves work behind: commit() rings `on_commit` for each kind of job that was enqueued, once the
  /// rows can be seen by everybody. A rollback rings nothing. The notifier must outlive the transaction.
  Transaction(Database& db, base::Notifier& on_commit);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  void begin();

  Database& db_;
  base::Notifier* const on_commit_ = nullptr;
  const Promise promise_ = Promise::durable;
  std::map<std::string, int> noted_before_;
  bool open_ = true;
};

/// The path behind "sqlite:PATH", relative to `folder`. Throws base::ConfigError for another kind of URL.
std::filesystem::path database_path(const std::string& url, const std::filesystem::path& folder);

}  // namespace store

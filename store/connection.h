#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace store {

/// An open connection and the statements that were prepared on it, kept by their text: to compile one takes
/// longer than to run it. Only store/ uses it. Thread rule: one thread at a time.
class Connection {
 public:
  /// Whether several threads use it, one after the other.
  enum class Users { one_thread, several };
  /// Opens the file, creates it and its folder where needed, and brings the schema up to date.
  explicit Connection(const std::filesystem::path& path, Users users = Users::one_thread);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SQLite::Database& handle() { return *db_; }

  /// A statement of that text with nothing bound, for the caller alone until it is given back: a second one
  /// of the same text that is taken meanwhile is another. Throws SQLite::Exception.
  std::unique_ptr<SQLite::Statement> take(const std::string& sql);
  /// Resets it, whatever became of it, and keeps it for the next who wants it.
  void give_back(const std::string& sql, std::unique_ptr<SQLite::Statement> statement) noexcept;
  /// Runs a statement without parameters or rows.
  void run(const char* sql);
  /// How many texts have a statement waiting.
  std::size_t kept() const;

 private:
  struct Idle {
    std::vector<std::unique_ptr<SQLite::Statement>> statements;
    std::uint64_t used = 0;
  };
  void make_room();

  std::unique_ptr<SQLite::Database> db_;
  // A statement may outlive the turn of its thread on a shared connection.
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Idle> idle_;
  std::uint64_t uses_ = 0;
};

}  // namespace store

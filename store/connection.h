#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3_stmt;
namespace SQLite {
class Database;
}  // namespace SQLite

namespace store {

/// An open connection and the statements that were prepared on it, kept by their text: to compile one takes
/// longer than to run it. Only store/ uses it. Thread rule: one thread at a time.
class Connection {
 public:
  /// Opens the file, creates it and its folder where needed, and brings the schema up to date.
  explicit Connection(const std::filesystem::path& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SQLite::Database& handle() { return *db_; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Owned = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct Kept {
    std::vector<Owned> idle;
    int taken = 0;
    std::uint64_t used = 0;
  };

 public:
  /// A statement that was taken. Whoever has it gives it back.
  class Prepared {
   public:
    Prepared() = default;
    explicit operator bool() const { return statement_ != nullptr; }
    sqlite3_stmt* get() const { return statement_.get(); }

   private:
    friend class Connection;
    Owned statement_;
    Kept* kept_ = nullptr;
  };

  /// A statement of that text with nothing bound, for the caller alone until it is given back: a second one
  /// of the same text that is taken meanwhile is another. Throws SQLite::Exception.
  Prepared take(std::string_view sql);
  /// Resets it, whatever became of it, and keeps it for the next who wants it.
  void give_back(Prepared statement) noexcept;
  /// The same from any thread, while another may use the connection: it is reset when the next one is taken.
  void leave(Prepared statement) noexcept;
  /// Goes to the next row, false behind the last one. Throws SQLite::Exception.
  bool step(const Prepared& statement);
  /// Runs a statement without parameters or rows.
  void run(std::string_view sql);
  /// Whether another may have it now: nothing that was taken is out, no transaction is open, nothing has
  /// failed.
  bool is_free() const;
  /// From now on it is never free: somebody uses its handle.
  void keep_for_one() { is_of_one_ = true; }
  /// How many texts have a statement waiting.
  std::size_t kept() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  void take_left();
  void make_room();

  std::unique_ptr<SQLite::Database> db_;
  std::unordered_map<std::string, Kept, Hash, std::equal_to<>> kept_;
  std::uint64_t uses_ = 0;
  int out_ = 0;  ///< taken and not given back
  bool has_failed_ = false;
  bool is_of_one_ = false;
  std::mutex mutex_;
  std::vector<Prepared> left_;
  std::atomic<bool> has_left_ = false;
};

}  // namespace store

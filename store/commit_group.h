#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/notifier.h"
#include "base/timed_mutex.h"
#include "store/connection.h"
#include "store/database.h"

namespace store {

/// The writers of this process, one behind the other on one connection, and one commit for all that are
/// waiting: a write to the disk serves as many of them as there are. Nobody waits for more to come: whoever
/// finds nobody behind himself commits. Each behind the first has a savepoint, so that one that fails takes
/// no other along; none returns before its own rows are safe.
/// A failure of the commit itself, or one after which SQLite has undone everything (disk full, I/O), is
/// thrown to each whose rows are gone by it.
/// Thread rule: any thread; one that writes must not begin a second write before the first has ended.
class CommitGroup {
 public:
  /// How long a writer waits for its turn before it throws "database is locked", with nothing written. Once
  /// it has written, it waits until it is known what became of that.
  static constexpr std::chrono::milliseconds kPatience{10'000};

  explicit CommitGroup(std::filesystem::path path);
  ~CommitGroup();
  CommitGroup(const CommitGroup&) = delete;
  CommitGroup& operator=(const CommitGroup&) = delete;

  const std::filesystem::path& path() const { return path_; }

  using Write = std::function<void(Database&)>;
  /// Carries out `write`, in whichever thread has the turn, and returns when what it wrote is safe; rings
  /// `on_commit` then for the jobs it enqueued. What `write` throws is thrown here, with nothing written.
  void write(const Write& write, base::Notifier& on_commit, std::chrono::milliseconds patience = kPatience);

  /// Called once it is known what became of a write: with null, or with why nothing was written. By any
  /// thread, which holds up all writers meanwhile: it must neither wait nor throw.
  using Done = std::function<void(std::exception_ptr)>;
  /// The same as write(), but no thread waits: it may return before `write` was begun. Of what is called
  /// later, all must outlive it and the group: a group that ends waits for none.
  void write_later(Write write, Done done, base::Notifier& on_commit,
                   std::chrono::milliseconds patience = kPatience);

  /// The same for the statements of `db`, which are those of the caller's thread: while `write` runs they go
  /// to the connection of the group. The jobs that it enqueues stay noted.
  void write_as(Database& db, const Write& write);
  /// Within a write of `db`: while `work` runs, the statements of `other`, which nobody uses meanwhile,
  /// belong to that write, too.
  static void also_as(const Database& db, Database& other, const std::function<void()>& work);
  /// That by which `db` writes; null where it does so alone.
  static CommitGroup* of(const Database& db) { return db.group_; }

  /// Reads by one connection for all who only look something up, one after the other: each connection keeps
  /// the schema, statements and pages of its own. `work` must not write. Throws what it throws, and where
  /// others take too long.
  void look(const std::function<void(Database&)>& work);

  // For Statement and Snapshot. A Database of a group has a connection to read by for as long as it reads:
  // there are as many as there are threads that read at the same moment, not one for each that ever does.
  static Connection& reader_of(Database& db) { return db.connection(); }
  /// Gives that connection back, where nothing more is read by it.
  static void end_reading(Database& db) noexcept;

  /// A row of a table with ids that was inserted, changed or deleted.
  struct Changed {
    std::string table;
    std::int64_t id = 0;
    auto operator<=>(const Changed&) const = default;
  };
  /// From now on `listener` is told after each commit what changed in these tables, each row once; an empty
  /// one ends that. Whatever writes in this process does it by this group, so that nobody else need tell. It
  /// is called between two commits, and must neither block nor throw.
  using Listener = std::function<void(const std::set<Changed>&)>;
  void listen(std::set<std::string> tables, Listener listener);

  /// Another number once other connections than this one, such as a shell's, have committed something.
  std::int64_t others_version();

  /// How many writes and how many commits there were.
  struct Counts {
    std::uint64_t writes = 0;
    std::uint64_t commits = 0;
  };
  Counts counts() const;

  /// How many pages the write-ahead log has since it was begun anew.
  int log_pages() const { return log_pages_; }

  /// Runs `work` on the connection between two transactions.
  void between(const std::function<void(SQLite::Database&)>& work);

 private:
  friend class Database;
  friend class Transaction;
  struct Writer;
  using Line = std::deque<std::shared_ptr<Writer>>;
  using Clock = std::chrono::steady_clock;

  // For Transaction: takes the turn; ends it with the rows kept or undone.
  void enter(Database& db);
  void leave(Database& db, Transaction::Promise promise);
  void undo(Database& db);

  std::shared_ptr<Writer> take_turn(const Write* write, Database* as, Clock::time_point until);
  void carry_out_and_await(const Write& write, Database* as, std::map<std::string, int>* noted,
                           std::chrono::milliseconds patience);
  void begin(Clock::time_point until);
  void carry_out(Writer& writer);
  void set_savepoint();
  void keep_savepoint();
  void drop_savepoint(const std::exception_ptr& why);
  void keep_for_commit(const std::shared_ptr<Writer>& writer);
  void finish(const std::shared_ptr<Writer>& writer);
  void pass_on(std::unique_lock<std::mutex>& lock);
  void pass_turn(std::unique_lock<std::mutex>& lock);
  void give_turn();
  void commit_all(std::unique_lock<std::mutex>& lock);
  std::exception_ptr commit();
  void settle(std::unique_lock<std::mutex>& lock, const std::exception_ptr& error);
  bool is_full() const;
  void tell();
  void await(std::unique_lock<std::mutex>& lock, Writer& writer);
  std::unique_ptr<Connection> lend_reader();
  void take_back_reader(std::unique_ptr<Connection> reader) noexcept;
  // In commit_group_later.cpp:
  void lead(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Writer>& writer);
  void call_done(std::unique_lock<std::mutex>& lock);
  Clock::time_point later_until() const;
  void give_up_overdue();
  void work_later();
  void end_later();

  const std::filesystem::path path_;
  Connection connection_;
  std::atomic<int> log_pages_ = 0;
  Database shared_;  ///< what the writes of write() get
  base::TimedMutex look_mutex_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;  ///< that nobody reads by
  // For whoever has the turn.
  std::set<std::string> watched_;
  Listener listener_;
  std::set<Changed> changed_;

  mutable std::mutex mutex_;
  bool taken_ = false;  ///< somebody has the turn; the members below are theirs
  Line line_;           ///< those who wait for it
  bool begun_ = false;
  Clock::time_point begun_at_;
  bool has_savepoint_ = false;                    ///< of the one who writes
  std::vector<std::shared_ptr<Writer>> written_;  ///< wait for the commit
  std::size_t unawaited_ = 0;                     ///< rows whose writers do not wait
  Counts counts_;
  // Of writers whose threads do not wait:
  std::vector<std::shared_ptr<Writer>> finished_;  ///< are to be told
  std::condition_variable later_bell_;
  bool later_turn_ = false;   ///< the turn is for that of the first in line, taken by later_thread_
  bool later_rests_ = false;  ///< it looks at no time
  bool ending_ = false;
  std::thread later_thread_;  ///< from the first of them on
};

}  // namespace store

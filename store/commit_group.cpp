#include "store/commit_group.h"

#include <algorithm>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/commit_group_writer.h"

namespace store {
namespace {

using std::chrono::milliseconds;

/// A commit is put off no longer than that by those who come meanwhile.
constexpr std::size_t kMostInOne = 256;
constexpr milliseconds kLongestOpen{5};

/// Connections that are kept to be read by; when more threads read at once, the others are closed again.
constexpr std::size_t kMostReaders = 6;

}  // namespace

CommitGroup::CommitGroup(std::filesystem::path path)
    : path_(std::move(path)), connection_(path_), shared_(*this) {
  shared_.shared_ = &connection_;
  readers_.reserve(kMostReaders);
  // Once the log is begun anew, its file is cut to this: above what it grows to beside writers that never
  // pause (Checkpointer::kMostPages), since the commit that cuts it waits for the file system to give the
  // blocks back.
  connection_.handle().execAndGet("PRAGMA journal_size_limit=134217728");
  connection_.handle().exec("PRAGMA cache_size=-3000");
  // It takes the place of the checkpoint in the middle of a commit, for which everybody would wait; see
  // Checkpointer.
  sqlite3_wal_hook(
      connection_.handle().getHandle(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<std::atomic<int>*>(pages) = count;
        return SQLITE_OK;
      },
      &log_pages_);
}

CommitGroup::~CommitGroup() {
  end_later();
}

CommitGroup::Counts CommitGroup::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void CommitGroup::write(const Write& write, base::Notifier& on_commit, milliseconds patience) {
  std::map<std::string, int> noted;
  carry_out_and_await(write, nullptr, &noted, patience);
  for (const auto& [kind, jobs] : noted) {
    on_commit.notify(kind, jobs);
  }
}

void CommitGroup::write_as(Database& db, const Write& write) {
  if (db.shared_ != nullptr) {
    throw std::logic_error("a transaction within a transaction");
  }
  carry_out_and_await(write, &db, nullptr, kPatience);
}

void CommitGroup::also_as(const Database& db, Database& other, const std::function<void()>& work) {
  if (db.shared_ == nullptr || other.shared_ != nullptr) {
    throw std::logic_error("no write to take part in");
  }
  const struct Part {
    Part(Database& of, Connection* connection) : whose(of) { whose.shared_ = connection; }
    ~Part() { whose.shared_ = nullptr; }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    Database& whose;
  } part(other, db.shared_);
  work();
}

void CommitGroup::carry_out_and_await(const Write& write, Database* as, std::map<std::string, int>* noted,
                                      milliseconds patience) {
  const auto until = Clock::now() + patience;
  const auto writer = take_turn(&write, as, until);
  std::unique_lock lock(mutex_);
  if (writer->state == Writer::State::has_turn) {
    lock.unlock();
    try {
      begin(until);
    } catch (...) {
      lock.lock();
      pass_on(lock);
      throw;
    }
    carry_out(*writer);
    lock.lock();
    keep_for_commit(writer);
    pass_on(lock);
  }
  await(lock, *writer);
  lock.unlock();
  if (writer->error) {
    std::rethrow_exception(writer->error);
  }
  if (noted != nullptr) {
    *noted = std::move(writer->noted_work);
  }
}

void CommitGroup::between(const std::function<void(SQLite::Database&)>& work) {
  take_turn(nullptr, nullptr, Clock::now() + kPatience);
  std::exception_ptr error;
  std::unique_lock lock(mutex_);
  if (begun_) {
    commit_all(lock);
  }
  lock.unlock();
  try {
    work(connection_.handle());
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  pass_on(lock);
  lock.unlock();
  if (error) {
    std::rethrow_exception(error);
  }
}

/// Returns when the turn is this thread's, or when another has carried out `write` (the state says which).
std::shared_ptr<CommitGroup::Writer> CommitGroup::take_turn(const Write* write, Database* as,
                                                            Clock::time_point until) {
  auto writer = std::make_shared<Writer>(write, as);
  std::unique_lock lock(mutex_);
  if (!taken_) {
    taken_ = true;
    writer->state = Writer::State::has_turn;
    return writer;
  }
  line_.push_back(writer);
  if (!writer->changed.wait_until(lock, until, [&] { return writer->state != Writer::State::in_line; })) {
    line_.erase(std::find(line_.begin(), line_.end(), writer));
    throw SQLite::Exception("database is locked", SQLITE_BUSY);
  }
  return writer;
}

void CommitGroup::await(std::unique_lock<std::mutex>& lock, Writer& writer) {
  writer.changed.wait(lock, [&] { return writer.state == Writer::State::settled; });
}

void CommitGroup::begin(Clock::time_point until) {
  if (!begun_) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    connection_.handle().setBusyTimeout(static_cast<int>(std::max(left, milliseconds(0)).count()));
    connection_.run("BEGIN IMMEDIATE");
    begun_ = true;
    begun_at_ = Clock::now();
  }
}

/// Writes for `writer`, who is given the error where that fails.
void CommitGroup::carry_out(Writer& writer) {
  auto& db = writer.as != nullptr ? *writer.as : shared_;
  // Should the program die of it, its own work is to blame.
  const auto before = base::FaultThread::works_on(writer.work);
  try {
    set_savepoint();
    db.shared_ = &connection_;
    (*writer.write)(db);
    keep_savepoint();
  } catch (...) {
    writer.error = std::current_exception();
    db.take_noted_work();
    drop_savepoint(writer.error);
  }
  base::FaultThread::works_on(before);
  if (writer.as != nullptr) {
    db.shared_ = nullptr;
  } else {
    writer.noted_work = db.take_noted_work();
  }
}

void CommitGroup::set_savepoint() {
  // The first of a transaction needs none, and what it changes is not kept to be put back: it alone goes with
  // the transaction.
  has_savepoint_ = !written_.empty() || unawaited_ > 0;
  if (has_savepoint_) {
    connection_.run("SAVEPOINT one");
  }
}

void CommitGroup::keep_savepoint() {
  // What is only looked for at the commit would fail there for all.
  int unresolved = 0, highest = 0;
  sqlite3_db_status(connection_.handle().getHandle(), SQLITE_DBSTATUS_DEFERRED_FKS, &unresolved, &highest, 0);
  if (unresolved != 0) {
    throw SQLite::Exception("FOREIGN KEY constraint failed", SQLITE_CONSTRAINT);
  }
  if (has_savepoint_) {
    connection_.run("RELEASE one");
  }
}

void CommitGroup::drop_savepoint(const std::exception_ptr& why) {
  if (sqlite3_get_autocommit(connection_.handle().getHandle()) == 0) {
    try {
      if (has_savepoint_) {
        connection_.run("ROLLBACK TO one");
        connection_.run("RELEASE one");
        return;
      }
    } catch (const std::exception& e) {
      base::log_debug("rollback of one: {}", e.what());
    }
    try {
      connection_.run("ROLLBACK");
    } catch (const std::exception& e) {
      base::log_debug("rollback: {}", e.what());
    }
  }
  // It was the first, SQLite has undone the whole transaction (disk full, I/O), or we had to.
  std::unique_lock lock(mutex_);
  begun_ = false;
  settle(lock, why);
}

bool CommitGroup::is_full() const {
  return written_.size() + unawaited_ >= kMostInOne || Clock::now() - begun_at_ > kLongestOpen;
}

void CommitGroup::keep_for_commit(const std::shared_ptr<Writer>& writer) {
  if (writer->error) {
    finish(writer);
  } else {
    writer->state = Writer::State::written;
    written_.push_back(writer);
  }
}

/// It is known what became of that one.
void CommitGroup::finish(const std::shared_ptr<Writer>& writer) {
  writer->state = Writer::State::settled;
  if (writer->later) {
    finished_.push_back(writer);
  }
}

/// The same for one whose own thread goes on at once: those who wait for nothing are told by another.
void CommitGroup::pass_on(std::unique_lock<std::mutex>& lock) {
  pass_turn(lock);
  if (!finished_.empty()) {
    later_bell_.notify_one();
  }
}

/// What comes after a writer: the next one in line, or the commit. Called with the turn, which is given away.
void CommitGroup::pass_turn(std::unique_lock<std::mutex>& lock) {
  while (begun_ && !is_full() && !line_.empty() && line_.front()->write != nullptr) {
    const auto next = line_.front();
    line_.pop_front();
    next->state = Writer::State::written;
    lock.unlock();
    carry_out(*next);
    lock.lock();
    keep_for_commit(next);
    if (next->error) {
      next->changed.notify_one();
    }
  }
  if (begun_ && (line_.empty() || is_full())) {
    commit_all(lock);
  }
  give_turn();
}

void CommitGroup::commit_all(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const auto error = commit();
  lock.lock();
  settle(lock, error);
}

void CommitGroup::give_turn() {
  if (line_.empty()) {
    taken_ = false;
    return;
  }
  if (line_.front()->later) {
    later_turn_ = true;
    later_bell_.notify_one();
    return;
  }
  line_.front()->state = Writer::State::has_turn;
  line_.front()->changed.notify_one();
  line_.pop_front();
}

/// Called with the turn and without the mutex.
std::exception_ptr CommitGroup::commit() {
  std::exception_ptr error;
  try {
    connection_.run("COMMIT");
    tell();
  } catch (const std::exception& e) {
    error = std::current_exception();
    base::log_error("the database could not commit: {}", e.what());
    try {
      connection_.run("ROLLBACK");
    } catch (const std::exception& rollback) {
      base::log_debug("rollback: {}", rollback.what());
    }
  }
  begun_ = false;
  return error;
}

void CommitGroup::settle(std::unique_lock<std::mutex>& lock, const std::exception_ptr& error) {
  const auto written = std::exchange(written_, {});
  counts_.writes += written.size() + std::exchange(unawaited_, 0);
  counts_.commits += error ? 0 : 1;
  for (const auto& writer : written) {
    writer->error = error;
    finish(writer);
  }
  // Without the mutex, which each of them wants.
  lock.unlock();
  for (const auto& writer : written) {
    if (!writer->later) {
      writer->changed.notify_one();
    }
  }
  lock.lock();
}

void CommitGroup::enter(Database& db) {
  if (db.shared_ != nullptr) {
    throw std::logic_error("a transaction within a transaction");
  }
  const auto until = Clock::now() + kPatience;
  take_turn(nullptr, nullptr, until);
  try {
    begin(until);
    set_savepoint();
  } catch (...) {
    std::unique_lock lock(mutex_);
    pass_on(lock);
    throw;
  }
  db.shared_ = &connection_;
}

void CommitGroup::leave(Database& db, Transaction::Promise promise) {
  keep_savepoint();
  db.shared_ = nullptr;
  std::unique_lock lock(mutex_);
  if (promise == Transaction::Promise::soon && !line_.empty()) {
    ++unawaited_;
    pass_on(lock);
    return;
  }
  const auto writer = std::make_shared<Writer>(nullptr, nullptr);
  writer->state = Writer::State::written;
  written_.push_back(writer);
  pass_on(lock);
  await(lock, *writer);
  if (writer->error) {
    std::rethrow_exception(writer->error);
  }
}

void CommitGroup::undo(Database& db) {
  if (std::exchange(db.shared_, nullptr) == nullptr) {
    return;  // it was committed together with the others, or not at all
  }
  drop_savepoint(std::make_exception_ptr(SQLite::Exception("undone together with another's failure")));
  std::unique_lock lock(mutex_);
  pass_on(lock);
}

}  // namespace store

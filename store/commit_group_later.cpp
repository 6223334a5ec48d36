// Writes for which no thread waits.
#include <algorithm>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <pthread.h>
#include <sqlite3.h>

#include "store/commit_group.h"
#include "store/commit_group_writer.h"

namespace store {

void CommitGroup::write_later(Write write, Done done, base::Notifier& on_commit,
                              std::chrono::milliseconds patience) {
  auto writer = std::make_shared<Writer>(
      Writer::Later{std::move(write), std::move(done), on_commit, Clock::now() + patience});
  std::unique_lock lock(mutex_);
  if (!later_thread_.joinable()) {
    later_thread_ = std::thread([this] { work_later(); });
    pthread_setname_np(later_thread_.native_handle(), "commits");
  }
  if (taken_) {
    line_.push_back(std::move(writer));
    if (std::exchange(later_rests_, false)) {
      later_bell_.notify_one();  // from now on it looks at the time
    }
    return;
  }
  taken_ = true;
  lead(lock, writer);
  call_done(lock);
}

/// Writes and commits with the turn, which is given away. Called with the mutex.
void CommitGroup::lead(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Writer>& writer) {
  writer->state = Writer::State::has_turn;
  lock.unlock();
  try {
    begin(writer->later->until);
    carry_out(*writer);
  } catch (...) {
    writer->error = std::current_exception();
  }
  lock.lock();
  keep_for_commit(writer);
  pass_turn(lock);
}

/// Tells those about which it is known. Called with the mutex, without the turn.
void CommitGroup::call_done(std::unique_lock<std::mutex>& lock) {
  const auto finished = std::exchange(finished_, {});
  lock.unlock();
  for (const auto& writer : finished) {
    if (!writer->error) {
      for (const auto& [kind, jobs] : writer->noted_work) {
        writer->later->on_commit.notify(kind, jobs);
      }
    }
    writer->later->done(writer->error);
  }
  lock.lock();
}

/// The first to have lost its patience among those in line; the end of time where none waits.
CommitGroup::Clock::time_point CommitGroup::later_until() const {
  auto first = Clock::time_point::max();
  for (const auto& writer : line_) {
    if (writer->later) {
      first = std::min(first, writer->later->until);
    }
  }
  return first;
}

void CommitGroup::give_up_overdue() {
  const auto now = Clock::now();
  std::erase_if(line_, [&](const std::shared_ptr<Writer>& writer) {
    if (!writer->later || writer->later->until > now) {
      return false;
    }
    writer->error = std::make_exception_ptr(SQLite::Exception("database is locked", SQLITE_BUSY));
    finished_.push_back(writer);
    return true;
  });
}

/// The thread that takes the turn where nobody in line does, and looks at the time for those who wait.
void CommitGroup::work_later() {
  const base::FaultThread thread;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto has_work = [this] { return later_turn_ || !finished_.empty() || ending_; };
    if (const auto until = later_until(); until != Clock::time_point::max()) {
      later_bell_.wait_until(lock, until, has_work);
    } else {
      later_rests_ = true;
      later_bell_.wait(lock, [&] { return !later_rests_ || has_work(); });
      later_rests_ = false;
    }
    if (std::exchange(later_turn_, false)) {
      const auto next = line_.front();
      line_.pop_front();
      lead(lock, next);
    } else if (ending_ && finished_.empty()) {
      return;
    } else {
      give_up_overdue();
    }
    call_done(lock);
  }
}

void CommitGroup::end_later() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  later_bell_.notify_one();
  if (later_thread_.joinable()) {
    later_thread_.join();
  }
}

}  // namespace store

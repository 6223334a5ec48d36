#include "bot/runtime/worker.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <pthread.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/heartbeat.h"
#include "base/log.h"
#include "base/wait.h"
#include "store/commit_group.h"
#include "store/in_transaction.h"

namespace bot::runtime {
namespace {

using std::chrono::milliseconds;

/// Without a ring the table is looked at this often, should a ring have been lost with a crash of its sender.
constexpr milliseconds kLongestWait{5'000};
/// How long the database may keep a worker, for the watchdog: longer than any of its own time limits.
constexpr milliseconds kLongestLook{60'000};
/// How long a job may take: longer than all calls that one can make. A dispatch ends by its own limits.
constexpr milliseconds kLongestJob{60 * 60'000};
constexpr base::Backoff kBackoff{.first = milliseconds(500), .longest = milliseconds(60'000)};

}  // namespace

/// A job that is ours, and what is done about it.
struct Worker::Claimed {
  store::Job job;
  std::unique_ptr<Work> work;
  std::exception_ptr failure;  ///< of its beginning
};

/// What one thread has claimed and not begun.
class Worker::Hand final : public Successor {
 public:
  Hand(Worker& worker, store::Database& db) : worker_(worker), db_(db) {}

  /// The next job, claimed now where that has not happened yet; null where there is none.
  const Claimed* take() {
    store::JobQueue queue(db_);
    if (!kept_ && queue.is_due(worker_.kind_, latest())) {
      store::in_transaction(db_, nullptr, [this] {
        claim();
        return true;
      });
      keep();
    }
    current_ = std::exchange(kept_, std::nullopt);
    return current_ ? &*current_ : nullptr;
  }
  /// That job is done with.
  void end() {
    worker_.busy_ -= current_ ? 1 : 0;
    current_.reset();
  }

  void claim() override {
    // Anew where the transaction before was undone.
    claimed_.reset();
    if (worker_.closed_) {
      return;
    }
    if (auto job = store::JobQueue(db_).claim_within(worker_.kind_, latest(), worker_.claims_.order)) {
      claimed_ = worker_.begin(db_, *job);
    }
  }
  void keep() override {
    kept_ = std::exchange(claimed_, std::nullopt);
    worker_.busy_ += kept_ ? 1 : 0;
  }

  /// What it holds is not to be carried out: appends it.
  void drop(std::vector<store::Job>& dropped) {
    for (auto* const held : {&current_, &kept_}) {
      if (*held) {
        dropped.push_back((*held)->job);
        --worker_.busy_;
        held->reset();
      }
    }
  }

 private:
  base::Timestamp latest() const { return worker_.services_.clock.now() - worker_.claims_.overdue; }

  Worker& worker_;
  store::Database& db_;
  std::optional<Claimed> claimed_;  ///< in a transaction that is not committed
  std::optional<Claimed> kept_;
  std::optional<Claimed> current_;  ///< is being carried out
};

namespace {

/// Reads nothing before it is carried out, and has no successor.
class Handled final : public Work {
 public:
  Handled(const Worker::Handler& handler, store::Database& db, const store::Job& job)
      : handler_(handler), db_(db), job_(job) {}
  void run(Successor*, std::stop_token stop) override { handler_(db_, job_, std::move(stop)); }

 private:
  const Worker::Handler& handler_;
  store::Database& db_;
  const store::Job job_;
};

Worker::Begin begin_with(Worker::Handler handler) {
  return [handler = std::move(handler)](store::Database& db, const store::Job& job) {
    return std::make_unique<Handled>(handler, db, job);
  };
}

}  // namespace

Worker::Worker(Services& services, std::string kind, int threads, Handler handler, const Claims& claims)
    : Worker(services, std::move(kind), threads, begin_with(std::move(handler)), claims) {}

Worker::Worker(Services& services, std::string kind, int threads, Begin begin, const Claims& claims)
    : services_(services),
      kind_(std::move(kind)),
      count_(threads),
      begin_(std::move(begin)),
      claims_(claims) {}

void Worker::start() {
  for (int i = 0; i < count_; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
    // The kernel keeps 15 bytes of it.
    pthread_setname_np(threads_.back().native_handle(), kind_.substr(0, 15).c_str());
  }
}

bool Worker::start_alone(std::int64_t id) {
  std::optional<store::Database> db;
  open(db);
  const auto job = store::JobQueue(*db).claim_alone(id);
  if (job) {
    ++busy_;
    threads_.emplace_back([this, job = *job](std::stop_token stop) { work_alone(job, std::move(stop)); });
  }
  return job.has_value();
}

void Worker::work_alone(const store::Job& job, std::stop_token stop) {
  const base::FaultThread thread;
  for (bool failed = false; !stop.stop_requested() || !failed;) {
    try {
      std::optional<store::Database> db;
      open(db);
      if (failed) {
        store::JobQueue(*db).retry(job, {}, {});
      } else {
        carry_out(*db, begin(*db, job), nullptr, stop);
      }
      break;
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      failed = true;
      std::ignore = base::wait_for(std::chrono::seconds(1), stop);
    }
  }
  --busy_;
}

void Worker::close() {
  closed_ = true;
  services_.notifier.notify_all();
}

void Worker::stop() {
  close();
  for (auto& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

void Worker::work(std::stop_token stop) {
  const base::FaultThread thread;
  std::optional<store::Database> db;
  std::optional<Hand> hand;
  std::vector<store::Job> ours;  // what a database failure has left claimed
  base::Timestamp looked_at{};
  base::Heartbeat heart(kind_);
  // Whether this thread is to look when a job that has to wait may run; another one does while it is busy.
  bool watches = false;
  while (!stop.stop_requested() && !closed_) {
    const auto seen = services_.notifier.count(kind_);
    auto wait = kLongestWait;
    heart.beat(kLongestLook);
    try {
      if (!db) {
        open(db);
        hand.emplace(*this, *db);
      }
      store::JobQueue queue(*db);
      for (; !ours.empty(); ours.pop_back()) {
        queue.retry(ours.back(), {}, {});
      }
      if (const auto now = services_.clock.now(); std::exchange(looked_at, now) > now) {
        queue.follow_clock(now);
      }
      while (!stop.stop_requested() && !closed_) {
        const auto* const claimed = hand->take();
        if (claimed == nullptr) {
          break;
        }
        if (std::exchange(watches, false)) {
          services_.notifier.notify(kind_);
        }
        note_wait(claimed->job);
        kind_ == kDispatchJob ? heart.rest() : heart.beat(kLongestJob);
        carry_out(*db, *claimed, &*hand, stop);
        heart.beat(kLongestLook);
        hand->end();
      }
      if (const auto due = queue.next_due(kind_)) {
        watches = true;
        wait = std::clamp(until(*due), milliseconds(1), std::min(wait, claims_.longest_wait));
      }
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      if (hand) {
        hand->drop(ours);
      }
      hand.reset();
      db.reset();
      wait = milliseconds(1000);
    }
    heart.beat(wait + kLongestLook);
    services_.notifier.wait(kind_, seen, wait, stop);
  }
  if (hand) {
    give_back(*db, *hand);
  }
}

/// What was claimed and not begun.
void Worker::give_back(store::Database& db, Hand& hand) {
  std::vector<store::Job> jobs;
  hand.drop(jobs);
  for (const auto& job : jobs) {
    try {
      store::JobQueue(db).give_back(job);
    } catch (const std::exception& e) {
      base::log_error("{} job {} stays claimed until the next start: {}", job.kind, job.id, e.what());
    }
  }
}

milliseconds Worker::until(base::Timestamp due) const {
  return std::chrono::duration_cast<milliseconds>(due + claims_.overdue - services_.clock.now());
}

void Worker::note_wait(const store::Job& job) {
  if (job.attempt == 1) {
    services_.metrics.waited(kind_,
                             std::chrono::duration<double>(services_.clock.now() - job.created).count());
  }
}

/// Whatever goes wrong there is the job's own failure, and must not undo what it is claimed together with.
Worker::Claimed Worker::begin(store::Database& db, const store::Job& job) const {
  Claimed claimed{job, nullptr, nullptr};
  const auto before = base::FaultThread::works_on(job.id);
  try {
    claimed.work = begin_(db, job);
  } catch (const std::exception&) {
    claimed.failure = std::current_exception();
  }
  base::FaultThread::works_on(before);
  return claimed;
}

void Worker::open(std::optional<store::Database>& db) const {
  if (services_.commits != nullptr) {
    db.emplace(*services_.commits);
  } else {
    db.emplace(services_.settings.database);
  }
}

void Worker::carry_out(store::Database& db, const Claimed& claimed, Successor* next, std::stop_token stop) {
  const auto& job = claimed.job;
  store::JobQueue queue(db);
  base::FaultThread::works_on(job.id);
  try {
    if (claimed.failure) {
      std::rethrow_exception(claimed.failure);
    }
    claimed.work->run(next, stop);
  } catch (const base::Stopped&) {
    queue.give_back(job);
  } catch (const std::exception& e) {
    const auto pause = kBackoff.pause(job.attempt);
    base::log_error("{} job {} failed (attempt {}), next try in {} ms: {}", kind_, job.id, job.attempt,
                    pause.count(), e.what());
    const auto now = services_.clock.now();
    queue.retry(job, now, now + pause);
  }
  base::FaultThread::works_on(0);
  // What it left to others. The next job of its own lane is for this thread, which looks again at once.
  for (const auto& [kind, jobs] : db.take_noted_work()) {
    services_.notifier.notify(kind, jobs);
  }
}

}  // namespace bot::runtime

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

Worker::Worker(Services& services, std::string kind, int threads, Handler handler, const Claims& claims)
    : services_(services),
      kind_(std::move(kind)),
      count_(threads),
      handler_(std::move(handler)),
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
        carry_out(*db, job, stop);
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
  std::optional<store::Job>
      held;  // set while a job is ours, so that a database failure does not leave it claimed
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
      }
      store::JobQueue queue(*db);
      if (held) {
        queue.retry(*held, {}, {});
        held.reset();
      }
      if (const auto now = services_.clock.now(); std::exchange(looked_at, now) > now) {
        queue.follow_clock(now);
      }
      while (!stop.stop_requested() && !closed_) {
        held = queue.claim(kind_, services_.clock.now() - claims_.overdue, claims_.order);
        if (!held) {
          break;
        }
        if (std::exchange(watches, false)) {
          services_.notifier.notify(kind_);
        }
        ++busy_;
        if (held->attempt == 1) {
          services_.metrics.waited(
              kind_, std::chrono::duration<double>(services_.clock.now() - held->created).count());
        }
        kind_ == kDispatchJob ? heart.rest() : heart.beat(kLongestJob);
        carry_out(*db, *held, stop);
        heart.beat(kLongestLook);
        held.reset();
        --busy_;
      }
      if (const auto due = queue.next_due(kind_)) {
        watches = true;
        wait = std::clamp(
            std::chrono::duration_cast<milliseconds>(*due + claims_.overdue - services_.clock.now()),
            milliseconds(1), std::min(wait, claims_.longest_wait));
      }
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      busy_ -= held ? 1 : 0;
      db.reset();
      wait = milliseconds(1000);
    }
    heart.beat(wait + kLongestLook);
    services_.notifier.wait(kind_, seen, wait, stop);
  }
}

void Worker::open(std::optional<store::Database>& db) const {
  if (services_.commits != nullptr) {
    db.emplace(*services_.commits);
  } else {
    db.emplace(services_.settings.database);
  }
}

void Worker::carry_out(store::Database& db, const store::Job& job, std::stop_token stop) {
  store::JobQueue queue(db);
  base::FaultThread::works_on(job.id);
  try {
    handler_(db, job, stop);
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

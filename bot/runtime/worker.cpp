#include "bot/runtime/worker.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <pthread.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/wait.h"

namespace bot::runtime {
namespace {

using std::chrono::milliseconds;

/// Without a ring the table is looked at this often, should a ring have been lost with a crash of its sender.
constexpr milliseconds kLongestWait{5'000};
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
  store::Database db(services_.settings.database);
  const auto job = store::JobQueue(db).claim_alone(id);
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
      store::Database db(services_.settings.database);
      if (failed) {
        store::JobQueue(db).retry(job, {}, {});
      } else {
        carry_out(db, job, stop);
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
  services_.notifier.notify();
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
  while (!stop.stop_requested() && !closed_) {
    const auto seen = services_.notifier.count();
    auto wait = kLongestWait;
    try {
      if (!db) {
        db.emplace(services_.settings.database);
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
        ++busy_;
        carry_out(*db, *held, stop);
        held.reset();
        --busy_;
      }
      if (const auto due = queue.next_due(kind_)) {
        wait = std::clamp(
            std::chrono::duration_cast<milliseconds>(*due + claims_.overdue - services_.clock.now()),
            milliseconds(1), wait);
      }
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      busy_ -= held ? 1 : 0;
      db.reset();
      wait = milliseconds(1000);
    }
    services_.notifier.wait(seen, wait, stop);
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
  // The next job of this lane may run now, in whichever thread.
  services_.notifier.notify();
}

}  // namespace bot::runtime

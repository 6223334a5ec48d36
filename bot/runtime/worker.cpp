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

namespace bot::runtime {
namespace {

using std::chrono::milliseconds;

/// Without a ring the table is looked at this often, should a ring have been lost with a crash of its sender.
constexpr milliseconds kLongestWait{5'000};
/// How long the database may keep a worker, for the watchdog: longer than any of its own time limits.
constexpr milliseconds kLongestLook{60'000};
/// How long a job may take: longer than all calls that one can make. A dispatch ends by its own limits.
constexpr milliseconds kLongestJob{60 * 60'000};
/// How often those that work beside what hangs look whether they may.
constexpr milliseconds kLookAtOthers{2'000};
constexpr base::Backoff kBackoff{.first = milliseconds(500), .longest = milliseconds(60'000)};

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
      hands_(services, kind_, std::move(begin), claims) {}

void Worker::start() {
  for (int i = 0; i < count_; ++i) {
    threads_.emplace_back([this](std::stop_token stop) {
      hands_.claims().beside_hung ? work_beside_hung(std::move(stop)) : work(std::move(stop));
    });
    // The kernel keeps 15 bytes of it.
    pthread_setname_np(threads_.back().native_handle(), kind_.substr(0, 15).c_str());
  }
}

bool Worker::start_alone(std::int64_t id) {
  const auto job = store::JobQueue(Hand(hands_).db()).claim_alone(id);
  if (job) {
    hands_.count(1);
    threads_.emplace_back([this, job = *job](std::stop_token stop) { work_alone(job, std::move(stop)); });
  }
  return job.has_value();
}

void Worker::work_alone(const store::Job& job, std::stop_token stop) {
  const base::FaultThread thread;
  for (bool failed = false; !stop.stop_requested() || !failed;) {
    try {
      Hand hand(hands_);
      if (failed) {
        store::JobQueue(hand.db()).retry(job, {}, {});
      } else {
        carry_out(hand.db(), hands_.begin(hand.db(), job), nullptr, stop);
      }
      break;
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      failed = true;
      std::ignore = base::wait_for(std::chrono::seconds(1), stop);
    }
  }
  hands_.count(-1);
}

void Worker::close() {
  hands_.close();
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
  base::Heartbeat heart(kind_);
  Looks looks;
  std::unique_ptr<Hand> hand;
  while (!stop.stop_requested() && !hands_.closed()) {
    const auto seen = services_.notifier.count(kind_);
    auto wait = milliseconds(1000);
    heart.beat(kLongestLook);
    try {
      hand = hands_.take_up();
      wait = look(hand, looks, heart, stop);
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      if (hand) {
        hand->drop(looks.ours);
      }
      hand.reset();
    }
    heart.beat(wait + kLongestLook);
    if (hand && hand->holds()) {  // it is to end
      hand->give_back();
    }
    if (hands_.lay_down(std::move(hand))) {
      services_.notifier.wait(kind_, seen, wait, stop);
    }
    hands_.rise();
  }
  hands_.give_back_filled();
}

/// In place of work(), for jobs that may begin only beside others that hang. It is not woken: the bell is for
/// those that may begin at once.
void Worker::work_beside_hung(std::stop_token stop) {
  const base::FaultThread thread;
  base::Heartbeat heart(kind_);
  std::vector<store::Job> ours;
  while (!stop.stop_requested() && !hands_.closed()) {
    heart.beat(kLongestLook);
    bool had_one = false;
    std::optional<Hand> hand;
    try {
      if (!ours.empty()) {
        retry(hand.emplace(hands_), ours);
      }
      had_one = try_one(hand, heart, stop);
    } catch (const std::exception& e) {
      base::log_error("{}: the database cannot be used: {}", kind_, e.what());
      if (hand) {
        hand->drop(ours);
      }
    }
    if (had_one) {
      services_.notifier.notify(kind_);  // the next of its lane
    } else {
      std::ignore = base::wait_for(kLookAtOthers, stop);
    }
  }
}

/// Whether there was one, and it was allowed.
bool Worker::try_one(std::optional<Hand>& hand, base::Heartbeat& heart, const std::stop_token& stop) {
  const auto mark = hands_.claims().under_way->begin_beside_hung();
  if (!mark) {
    return false;
  }
  if (!hand) {
    hand.emplace(hands_);
  }
  std::optional<base::Timestamp> due;
  const auto* const claimed = hand->take(due);
  if (claimed == nullptr) {
    return false;
  }
  note_wait(claimed->job);
  heart.beat(kLongestJob);
  carry_out(hand->db(), *claimed, nullptr, stop);
  hand->end();
  return true;
}

void Worker::retry(Hand& hand, std::vector<store::Job>& ours) {
  store::JobQueue queue(hand.db());
  for (; !ours.empty(); ours.pop_back()) {
    queue.retry(ours.back(), {}, {});
  }
}

/// Carries out what there is. Returns for how long the thread may wait then.
milliseconds Worker::look(std::unique_ptr<Hand>& hand, Looks& looks, base::Heartbeat& heart,
                          const std::stop_token& stop) {
  retry(*hand, looks.ours);
  if (const auto now = services_.clock.now(); std::exchange(looks.last, now) > now) {
    store::JobQueue(hand->db()).follow_clock(now);
  }
  std::optional<base::Timestamp> due;
  while (!stop.stop_requested() && !hands_.closed()) {
    hands_.exchange_for_filled(hand);
    const auto* const claimed = hand->take(due);
    if (claimed == nullptr) {
      break;
    }
    if (std::exchange(looks.watches, false)) {
      services_.notifier.notify(kind_);
    }
    note_wait(claimed->job);
    kind_ == kDispatchJob ? heart.rest() : heart.beat(kLongestJob);
    {
      std::optional<UnderWay::Mark> mark;
      if (auto* const under_way = hands_.claims().under_way; under_way != nullptr) {
        mark.emplace(under_way->begin());
      }
      carry_out(hand->db(), *claimed, hand.get(), stop);
    }
    heart.beat(kLongestLook);
    hand->end();
  }
  looks.watches = looks.watches || due;
  return due ? std::clamp(until(*due), milliseconds(1), std::min(kLongestWait, hands_.claims().longest_wait))
             : kLongestWait;
}

milliseconds Worker::until(base::Timestamp due) const {
  return std::chrono::duration_cast<milliseconds>(due + hands_.claims().overdue - services_.clock.now());
}

void Worker::note_wait(const store::Job& job) {
  if (job.attempt == 1) {
    services_.metrics.waited(kind_,
                             std::chrono::duration<double>(services_.clock.now() - job.created).count());
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

#include "bot/serve/solo_runs.h"

#include <algorithm>

#include <pthread.h>

#include "base/backoff.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/wait.h"
#include "store/job_queue.h"

namespace bot::serve {
namespace {

/// How long everybody waits for a suspect: longer each time, should it take longer to its crash.
constexpr base::Backoff kTimeAlone{.first = std::chrono::minutes(1), .longest = std::chrono::minutes(8)};
constexpr std::chrono::milliseconds kPoll{10};

}  // namespace

void SoloRuns::start() {
  const auto suspects = [&] {
    auto db = open();
    return store::JobQueue(db).suspects(runtime::kDispatchJob);
  }();
  if (suspects.empty()) {
    start_workers();
    return;
  }
  thread_ = std::jthread([this, suspects](std::stop_token stop) { run(stop, suspects); });
}

void SoloRuns::stop() {
  thread_ = {};
}

void SoloRuns::run(const std::stop_token& stop, const std::vector<store::Job>& suspects) {
  const base::FaultThread thread;
  try {
    for (const auto& job : suspects) {
      if (stop.stop_requested() || !run_alone(stop, job)) {
        break;
      }
    }
  } catch (const std::exception& e) {
    base::log_error("what may have crashed the program cannot run alone: {}", e.what());
  }
  if (!stop.stop_requested()) {
    start_workers();
  }
}

bool SoloRuns::run_alone(const std::stop_token& stop, const store::Job& job) {
  const auto worker = std::find_if(workers_.begin(), workers_.end(),
                                   [&](const auto& candidate) { return candidate->kind() == job.kind; });
  if (worker == workers_.end() || !(*worker)->start_alone(job.id)) {
    return true;
  }
  base::log_warning("{} job {} runs alone: the program died {} times while it ran", job.kind, job.id,
                    job.marks);
  const auto time = kTimeAlone.pause(job.marks - store::kMarksOfSuspect + 1);
  for (const auto until = std::chrono::steady_clock::now() + time;
       (*worker)->busy() > 0 && std::chrono::steady_clock::now() < until && base::wait_for(kPoll, stop);) {
  }
  if ((*worker)->busy() == 0) {
    return true;
  }
  auto db = open();
  store::JobQueue(db).end_alone(job.id);
  return false;
}

store::Database SoloRuns::open() const {
  return services_.commits != nullptr ? store::Database(*services_.commits)
                                      : store::Database(services_.settings.database);
}

void SoloRuns::start_workers() {
  for (auto& worker : workers_) {
    worker->start();
  }
}

}  // namespace bot::serve

#include "bot/runs/pruning.h"

#include <algorithm>

#include <pthread.h>

#include "base/log.h"
#include "base/wait.h"
#include "dispatch/project/old_logs.h"
#include "store/retention.h"
#include "store/traces.h"

namespace bot::runs {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenRounds = 1h;
/// What a step looks at takes some milliseconds, and as long again belongs to the others.
constexpr int kRowsOfStep = 100;
constexpr auto kBetweenSteps = 20ms;
/// A large index is written anew as a whole, which is not worth it each hour.
constexpr int kWipesRest = 500;
/// However large the database is: what was said today is answered from.
constexpr auto kYoungest = 24h;

/// Step after step while there is something to do. Returns how many messages were emptied.
template <typename Next>
int all_steps(const std::stop_token& stop, const Next& next) {
  int emptied = 0;
  for (bool more = true; more && !stop.stop_requested();) {
    const store::Retention::Step step = next();
    emptied += step.emptied;
    more = step.more && base::wait_for(kBetweenSteps, stop);
  }
  return emptied;
}

}  // namespace

int prune(runtime::Services& services, store::Database& db, const std::stop_token& stop) {
  const auto& retention = services.settings.retention;
  const auto now = services.clock.now();
  store::Retention texts(db);
  int emptied = 0;
  if (retention.messages || retention.database_bytes) {
    emptied += all_steps(stop, [&] { return texts.empty_later(kRowsOfStep, now); });
  }
  if (retention.messages) {
    emptied += all_steps(stop, [&] { return texts.empty_old(now - *retention.messages, kRowsOfStep, now); });
  }
  if (retention.database_bytes) {
    emptied += all_steps(stop, [&]() -> store::Retention::Step {
      return texts.bytes_in_use() <= *retention.database_bytes
                 ? store::Retention::Step()
                 : texts.empty_old(now - kYoungest, kRowsOfStep, now);
    });
  }
  int files = 0;
  if ((retention.messages || retention.events) && !stop.stop_requested()) {
    dispatch::OldLogs before;
    if (retention.messages) {
      before.results = now - *retention.messages;
    }
    // What a run said stands in its events, too.
    if (const auto& shorter = retention.events ? retention.events : retention.messages) {
      before.events = now - (retention.messages ? std::min(*shorter, *retention.messages) : *shorter);
    }
    files = dispatch::remove_old_logs(services.settings.dispatch.projects_dir, before);
  }
  if (emptied > 0 || files > 0) {
    base::log_info("retention: the words of {} messages and {} files of runs were removed", emptied, files);
  }
  return emptied;
}

void Pruning::start() {
  if (services_.settings.retention.keeps_all()) {
    return;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  pthread_setname_np(thread_.native_handle(), "retention");
}

void Pruning::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
}

void Pruning::work(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  // As far as anybody knows: a round before this start may have been cut, or been made by an earlier version.
  bool has_traces = true;
  Clock::time_point next_wipe;
  do {
    try {
      auto db = services_.commits != nullptr ? store::Database(*services_.commits)
                                             : store::Database(services_.settings.database);
      has_traces = prune(services_, db, stop) > 0 || has_traces;
      const auto begun = Clock::now();
      if (has_traces && next_wipe <= begun) {
        has_traces = !store::wipe_traces_at_leisure(db, [&] { return base::wait_for(kBetweenSteps, stop); });
        next_wipe = Clock::now() + kWipesRest * (Clock::now() - begun);
      }
    } catch (const std::exception& e) {
      base::log_error("retention: what is old stays for now: {}", e.what());
      has_traces = true;  // of what was emptied before that
    }
  } while (base::wait_for(kBetweenRounds, stop));
}

}  // namespace bot::runs

#include "bot/serve/run.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/heartbeat.h"
#include "base/log.h"
#include "base/process/supervisor.h"
#include "base/service_notice.h"
#include "bot/runtime/settings.h"
#include "bot/serve/app.h"
#include "store/disk_reserve.h"

namespace bot::serve {
namespace {

using std::chrono::microseconds;

constexpr microseconds kPause{100'000};
/// How often what is free is given back to the system.
constexpr microseconds kGiveBack{5'000'000};

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

/// Each connection takes one, and the usual limit of 1,024 is fewer than a slow attack has. Not more than
/// that: children inherit it, and some go through all of them.
constexpr rlim_t kDescriptors = 8'192;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kDescriptors) {
    limit.rlim_cur = std::min(limit.rlim_max, kDescriptors);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/// glibc would have eight pools of memory for each core, each of which keeps what it once needed: with more
/// than seventy threads that is a multiple of what is in use. Threads have a cache of their own besides.
void bound_memory_pools() {
  mallopt(M_ARENA_MAX, static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
}

/// The next of these signals, or 0 after that time.
int next_signal(const sigset_t& signals, microseconds longest) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec wait{seconds.count(), std::chrono::nanoseconds(longest - seconds).count()};
  return std::max(0, sigtimedwait(&signals, nullptr, &wait));
}

/// Feeds the service manager's watchdog for as long as every loop moves. Thread rule: one thread.
class Watchdog {
 public:
  explicit Watchdog(const base::ServiceNotice& notice) : notice_(notice) {}

  /// How often it wants to be looked after.
  microseconds interval() const { return notice_.watchdog().value_or(std::chrono::minutes(4)) / 4; }

  void look_after() {
    if (!notice_.watchdog()) {
      return;
    }
    const auto grace = std::chrono::duration_cast<std::chrono::milliseconds>(*notice_.watchdog() / 2);
    const auto stuck = base::stuck_loop(std::chrono::steady_clock::now(), grace);
    if (!stuck) {
      notice_.feed_watchdog();
    } else if (*stuck != told_) {
      base::log_error("the loop \"{}\" does not move, so the watchdog is not fed", *stuck);
    }
    told_ = stuck.value_or("");
  }

 private:
  const base::ServiceNotice& notice_;
  std::string told_;
};

void run_until_stopped(App& app, const base::ServiceNotice& notice, const sigset_t& signals) {
  Watchdog watchdog(notice);
  const auto status = fmt::format("taking requests on port {}", app.port());
  notice.ready(status);
  while (true) {
    watchdog.look_after();
    const int signal = next_signal(signals, std::min(watchdog.interval(), kGiveBack));
    // glibc gives back by itself only what is free at the end of a pool, so that a storm of connections would
    // leave its holes for good. Takes about a millisecond.
    ::malloc_trim(0);
    if (signal == SIGHUP) {
      notice.reloading();
      app.reload();
      notice.ready(status);
    } else if (signal != 0) {
      return;
    }
  }
}

/// The program, taking requests. While the disk of its database is full, what is held there is given up and
/// the start is tried again: nobody may be there to start it once there is room. Null: it was told to stop
/// meanwhile.
std::unique_ptr<App> started(const runtime::Flags& flags, const sigset_t& signals) {
  constexpr std::chrono::seconds kTryAgain{1};
  for (bool told = false;;) {
    try {
      auto app = std::make_unique<App>(flags);
      app->start();
      return app;
    } catch (const std::exception& e) {
      const auto database = runtime::load_settings(flags).database;
      if (!store::is_want_of_disk(e, database)) {
        throw;
      }
      if (store::DiskReserve(database).give_up()) {
        base::log_warning("{}; the reserve beside the database is given up; make room on its disk", e.what());
        continue;
      }
      if (!std::exchange(told, true)) {
        base::log_error("cannot start: {}; it is tried again until there is room on the disk of {}", e.what(),
                        database.string());
      }
    }
    if (const int signal = next_signal(signals, kTryAgain); signal == SIGTERM || signal == SIGINT) {
      return nullptr;
    }
  }
}

}  // namespace

void run_until_signal(const runtime::Flags& flags) {
  const auto notice = base::ServiceNotice::from_environment();
  base::close_to_others();
  raise_descriptor_limit();
  bound_memory_pools();
  // Every thread inherits the mask, so that only this one takes signals.
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto app_or_none = started(flags, signals);
  if (!app_or_none) {
    return;
  }
  auto& app = *app_or_none;
  run_until_stopped(app, notice, signals);
  notice.stopping(app.longest_stop());
  std::jthread second([&](std::stop_token stop) {
    Watchdog watchdog(notice);
    auto fed = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
      const int signal = next_signal(signals, kPause);
      if (signal == SIGTERM || signal == SIGINT) {
        // The specialists' supervisors see our end and end with us.
        std::_Exit(128 + signal);
      }
      if (const auto now = std::chrono::steady_clock::now(); now - fed > watchdog.interval() - kPause) {
        fed = now;
        watchdog.look_after();
      }
    }
  });
  app.stop();
}

}  // namespace bot::serve

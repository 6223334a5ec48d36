#include "bot/serve/run.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include <signal.h>
#include <sys/resource.h>

#include "base/process/supervisor.h"
#include "bot/serve/app.h"

namespace bot::serve {
namespace {

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

}  // namespace

void run_until_signal(const runtime::Flags& flags) {
  base::close_to_others();
  raise_descriptor_limit();
  // Every thread inherits the mask, so that only this one takes signals, with sigwait.
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  App app(flags);
  app.start();
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      break;
    }
    app.reload();
  }
  std::jthread second([signals](std::stop_token stop) {
    timespec pause{0, 100'000'000};
    while (!stop.stop_requested()) {
      const int signal = sigtimedwait(&signals, nullptr, &pause);
      if (signal == SIGTERM || signal == SIGINT) {
        // The specialists' supervisors see our end and end with us.
        std::_Exit(128 + signal);
      }
    }
  });
  app.stop();
}

}  // namespace bot::serve

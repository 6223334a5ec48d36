#include "bot/runs/absent_cli.h"

#include <algorithm>

#include "base/log.h"
#include "base/process/supervisor.h"
#include "base/wait.h"
#include "bot/texts/tasks.h"

namespace bot::runs {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{1000};

bool could_not_start(const dispatch::Report& report) {
  return report.outcome == dispatch::Outcome::error && report.exit_status == base::kCannotStart &&
         !report.session_begun;
}

}  // namespace

dispatch::WorkspaceRun run_when_there(const std::function<dispatch::WorkspaceRun()>& run,
                                      const AbsentCli& absent, const std::stop_token& stop) {
  const auto until = Clock::now() + absent.patience;
  auto result = run();
  while (could_not_start(result.report) && Clock::now() < until) {
    base::log_warning("the specialist's CLI could not be started, and the run waits for it: {}",
                      result.report.problem);
    absent.on_event({.kind = dispatch::Event::Kind::retrying, .text = texts::kCliIsAbsent});
    do {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (!base::wait_for(std::clamp(left, std::chrono::milliseconds(0), kPause), stop)) {
        return run();  // which says that it was stopped
      }
      absent.on_event({.kind = dispatch::Event::Kind::still_working});
    } while (!absent.there() && Clock::now() < until);
    result = run();
  }
  return result;
}

}  // namespace bot::runs

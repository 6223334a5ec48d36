#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "dispatch/task/specialist.h"
#include "dispatch/workspace_run.h"

namespace bot::runs {

/// A run that goes on after a cut waits for so long for a CLI that is not there, as while npm replaces it.
inline constexpr std::chrono::minutes kWaitsForCli{2};

struct AbsentCli {
  std::chrono::milliseconds patience{0};                 ///< 0: it is not waited for
  std::function<bool()> there;                           ///< whether its program can be found
  std::function<void(const dispatch::Event&)> on_event;  ///< is told that it is waited for, each second
};

/// Calls `run`, and again where the CLI could not be started, as soon as it is there, until `patience` is
/// over or `stop` is requested. Returns what the last call gave. Thread rule: one thread, which waits.
dispatch::WorkspaceRun run_when_there(const std::function<dispatch::WorkspaceRun()>& run,
                                      const AbsentCli& absent, const std::stop_token& stop);

}  // namespace bot::runs

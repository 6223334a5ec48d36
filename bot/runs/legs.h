#pragma once

#include <optional>

#include "base/clock.h"
#include "bot/runs/run_context.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"

namespace bot::runs {

/// Writes down that the process which worked on the dispatch was cut and another one is to go on: after
/// `turns`, or as many as its event log shows, at `at`, or with its last event.
void note_cut_leg(const RunContext& run, const dispatch::ProjectWorkspace& workspace, int turns,
                  std::optional<base::Timestamp> at);

/// Adds the turns and the time of the processes that were cut to the report of the last one.
void add_earlier_legs(const RunContext& run, dispatch::Report& report);

}  // namespace bot::runs

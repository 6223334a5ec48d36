#pragma once

#include <optional>

#include "bot/runs/run_context.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"

namespace bot::runs {

/// The task of a run that starts now: the prompt, the limits, and the session that it continues or begins.
dispatch::Task make_task(const RunContext& run, const dispatch::Specialist& specialist,
                         dispatch::ProjectWorkspace& workspace);

/// Logs each setting of the project that could run code and is ignored, because the project is not trusted.
void warn_of_ignored_settings(const RunContext& run, const dispatch::ProjectWorkspace& workspace);

/// The result of a run that ended before it could be told, if it came that far. `workspace` may be null.
std::optional<dispatch::Report> earlier_result(const RunContext& run,
                                               const dispatch::ProjectWorkspace* workspace);

}  // namespace bot::runs

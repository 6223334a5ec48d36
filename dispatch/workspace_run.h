#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"

namespace dispatch {

/// The result of a run, together with what it changed in the folder.
struct WorkspaceRun {
  Report report;  ///< its cost is that of this run alone
  std::vector<FileChange> files;
  bool files_complete = true;  ///< false where the folder was too large to be looked at whole
};

/// The names of one run in its project folder.
struct RunNames {
  std::string record;    ///< of its result files, from ProjectWorkspace::new_record()
  std::string baseline;  ///< of the snapshot that a resumed run is compared with
};

/// Runs the task in the workspace and keeps the project's last session up to date, which a review leaves as
/// it was. The caller saves the report, or a later process does that continues the run.
WorkspaceRun run_in_workspace(Specialist& specialist, ProjectWorkspace& workspace, const Task& task,
                              const RunNames& names, bool is_review,
                              const std::function<void(const Event&)>& on_event, std::stop_token stop);

}  // namespace dispatch

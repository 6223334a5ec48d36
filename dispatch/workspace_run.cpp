#include "dispatch/workspace_run.h"

#include <algorithm>

#include "dispatch/event_log.h"
#include "dispatch/review.h"

namespace dispatch {

WorkspaceRun run_in_workspace(Specialist& specialist, ProjectWorkspace& workspace, const Task& task,
                              const RunNames& names, bool is_review,
                              const std::function<void(const Event&)>& on_event, std::stop_token stop) {
  const auto before = workspace.baseline(names.baseline);
  auto logged = task;
  logged.event_log = workspace.event_log(names.record);
  WorkspaceRun run;
  run.report = specialist.run(
      logged,
      [&](const Event& event) {
        if (event.kind == Event::Kind::session_begun && !is_review) {
          workspace.set_last_session(event.text);  // so that it can be continued, should this run be cut
        }
        on_event(event);
      },
      std::move(stop));
  compress_old_event_logs(logged.event_log.parent_path());
  if (is_review) {
    // The CLI gives the findings as JSON text; people read words.
    run.report.text = review_text(run.report.structured).value_or(run.report.text);
  }
  const auto after = FolderSnapshot::take(workspace.folder());
  run.files = before.changes_to(after);
  run.files_complete = before.complete() && after.complete();
  if (!run.report.usd_is_estimate) {
    run.report.usd =
        std::max(0.0, run.report.usd - workspace.spent_in_session(run.report.session_id, names.record));
  }
  if (run.report.session_begun && !is_review) {
    workspace.set_last_session(run.report.session_id);
  }
  return run;
}

}  // namespace dispatch

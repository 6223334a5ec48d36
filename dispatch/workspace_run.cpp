#include "dispatch/workspace_run.h"

#include <algorithm>
#include <memory>

#include "base/log.h"
#include "base/thoughts.h"
#include "base/utf8.h"
#include "dispatch/task/event_log.h"
#include "dispatch/task/review.h"

namespace dispatch {
namespace {

// A specialist has a key in its environment, and can print it: what leaves here goes to disk, into the
// database and into a chat.

void remove_secrets(Report& report) {
  for (auto* text :
       {&report.text, &report.problem, &report.structured, &report.raw_result, &report.error_output}) {
    *text = base::redacted(*text);
  }
  for (auto& denial : report.denials) {
    denial.detail = base::redacted(denial.detail);
  }
}

Event without_secrets(Event event) {
  event.text =
      base::redacted(event.kind == Event::Kind::said ? base::without_thoughts(event.text) : event.text);
  for (auto& work : event.background) {
    work = base::redacted(work);
  }
  if (event.request) {
    auto request = *event.request;
    request.detail = base::redacted(request.detail);
    request.scope = base::redacted(request.scope);
    for (auto& question : request.questions) {
      question.text = base::redacted(question.text);
    }
    event.request = std::make_shared<const Request>(std::move(request));
  }
  return event;
}

}  // namespace

WorkspaceRun run_in_workspace(Specialist& specialist, ProjectWorkspace& workspace, const Task& task,
                              const RunNames& names, bool is_review,
                              const std::function<void(const Event&)>& on_event, std::stop_token stop) {
  const auto before = workspace.baseline(names.baseline);
  auto logged = task;
  logged.event_log = workspace.event_log(names.record);
  WorkspaceRun run;
  run.report = specialist.run(
      logged,
      [&](const Event& raw) {
        const auto event = without_secrets(raw);
        if (event.kind == Event::Kind::session_begun && !is_review) {
          workspace.set_last_session(specialist.name(),
                                     event.text);  // so that it can be continued, should this run be cut
        }
        on_event(event);
      },
      std::move(stop));
  remove_secrets(run.report);
  compress_old_event_logs(logged.event_log.parent_path());
  if (is_review) {
    // The CLI gives the findings as JSON text; people read words.
    run.report.text = review_text(run.report.structured).value_or(run.report.text);
  }
  // What a specialist passes on of its commands' output may be meant for a terminal.
  run.report.text = base::without_thoughts(base::strip_controls(run.report.text));
  run.report.problem = base::strip_controls(run.report.problem);
  const auto after = FolderSnapshot::take(workspace.folder());
  run.files = before.changes_to(after);
  run.files_complete = before.complete() && after.complete();
  if (run.report.usd_is_of_session) {
    // A process that was killed may have left nothing of its cost in the session: then the total is less.
    const auto earlier = workspace.spent_in_session(run.report.session_id, names.record);
    run.report.usd -= run.report.usd >= earlier ? earlier : 0;
    run.report.usd_is_of_session = false;
  }
  run.report.usd = std::max(run.report.usd, run.report.usd_at_least);
  if (run.report.session_tokens) {
    const auto before_it = workspace.tokens_in_session(run.report.session_id, names.record);
    const auto since = [](std::int64_t& counted, std::int64_t earlier) {
      counted = std::max<std::int64_t>(0, counted - earlier);
    };
    since(run.report.tokens.input, before_it.input);
    since(run.report.tokens.cache_read, before_it.cache_read);
    since(run.report.tokens.cache_write, before_it.cache_write);
    since(run.report.tokens.output, before_it.output);
  }
  if (run.report.session_begun && !is_review) {
    workspace.set_last_session(specialist.name(), run.report.session_id);
  }
  return run;
}

}  // namespace dispatch

#include "dispatch/workspace_run.h"

#include <algorithm>
#include <memory>
#include <system_error>

#include "base/log.h"
#include "base/thoughts.h"
#include "base/utf8.h"
#include "dispatch/task/claims.h"
#include "dispatch/task/event_log.h"
#include "dispatch/task/review.h"

namespace dispatch {
namespace {

// A specialist has a key in its environment, and can print it: what leaves here goes to disk, into the
// database and into a chat.

void remove_secrets(Report& report) {
  for (auto* text : {&report.text, &report.problem, &report.structured, &report.raw_result,
                     &report.error_output, &report.session_id}) {
    *text = base::redacted(*text);
  }
  for (auto& denial : report.denials) {
    denial.tool = base::redacted(denial.tool);
    denial.detail = base::redacted(denial.detail);
  }
}

Event without_secrets(Event event) {
  event.tool = base::redacted(event.tool);
  event.text =
      base::redacted(event.kind == Event::Kind::said ? base::without_thoughts(event.text) : event.text);
  for (auto& work : event.background) {
    work = base::redacted(work);
  }
  if (event.request) {
    auto request = *event.request;
    request.tool = base::redacted(request.tool);
    request.detail = base::redacted(request.detail);
    request.scope = base::redacted(request.scope);
    std::erase_if(request.rules, [](const std::string& rule) { return base::redacted(rule) != rule; });
    for (auto& question : request.questions) {
      question.text = base::redacted(question.text);
      for (auto& option : question.options) {
        option = base::redacted(option);
      }
    }
    event.request = std::make_shared<const Request>(std::move(request));
  }
  return event;
}

/// A run is worth more than that it can be continued: its folder may be gone, or its disk full.
void remember_session(ProjectWorkspace& workspace, const std::string& specialist, const std::string& id) {
  try {
    workspace.set_last_session(specialist, id);
  } catch (const std::system_error& e) {
    base::log_warning("the session in {} is not remembered: {}", workspace.folder().string(), e.what());
  }
}

/// Makes what the CLI says of money and tokens that of this run alone, as far as it can be true.
void settle_cost(const ProjectWorkspace& workspace, const Task& task, const std::string& record,
                 Claims& claims, Report& report) {
  // A CLI that counts tokens by session finds there what a process that was cut spent; Claude Code does not.
  const bool goes_on =
      report.session_tokens && task.continues_session && report.session_id == task.session_id;
  if (report.usd_is_of_session) {
    // A process that was killed may have left nothing of its cost in the session: then the total is less.
    const auto earlier = goes_on ? task.session_usd : workspace.spent_in_session(report.session_id, record);
    report.usd -= report.usd >= earlier ? earlier : 0;
    report.usd_is_of_session = false;
  }
  report.usd = std::max(report.usd, report.usd_at_least);
  if (report.session_tokens) {
    report.tokens = report.tokens.since(goes_on ? task.session_tokens
                                                : workspace.tokens_in_session(report.session_id, record));
  }
  if (report.usd_is_claim) {
    report.tokens = claims.believed(report.tokens);
    report.usd = claims.believed(report.usd, report.tokens, report.model);
    report.claims_too_much = report.claims_too_much || claims.exceeded();
    report.usd_is_claim = false;
  }
  if (report.claims_too_much) {
    report.usd_is_estimate = true;
    report.usd = task.max_usd > 0 ? std::min(report.usd, task.max_usd) : report.usd;
  }
}

}  // namespace

WorkspaceRun run_in_workspace(Specialist& specialist, ProjectWorkspace& workspace, const Task& task,
                              const RunNames& names, bool is_review,
                              const std::function<void(const Event&)>& on_event, std::stop_token stop) {
  Claims claims(task.max_usd);
  const auto before = workspace.baseline(names.baseline);
  auto logged = task;
  logged.event_log = workspace.event_log(names.record);
  if (task.continues_session) {
    logged.session_usd += workspace.spent_in_session(task.session_id, names.record);
    logged.session_tokens += workspace.tokens_in_session(task.session_id, names.record);
  }
  WorkspaceRun run;
  run.report = specialist.run(
      logged,
      [&](const Event& raw) {
        auto event = without_secrets(raw);
        bound_texts(event);
        if (event.kind == Event::Kind::session_begun && !is_review) {
          // So that it can be continued, should this run be cut.
          remember_session(workspace, specialist.name(), event.text);
        }
        on_event(event);
      },
      std::move(stop));
  remove_secrets(run.report);
  bound_texts(run.report);
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
  settle_cost(workspace, logged, names.record, claims, run.report);
  if (run.report.session_begun && !is_review) {
    remember_session(workspace, specialist.name(), run.report.session_id);
  }
  return run;
}

}  // namespace dispatch

#include "bot/runs/run_task.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/runs/budget.h"
#include "bot/runs/legs.h"
#include "bot/runs/specialist_prompts.h"
#include "dispatch/project/settings.h"
#include "dispatch/task/review.h"
#include "dispatch/task/texts.h"
#include "dispatch/task/transcript.h"
#include "store/approvals.h"
#include "store/ledger.h"

namespace bot::runs {
namespace {

constexpr const char* kPlanFirst = "plan";
/// What a plan that was accepted leads to while a process lives, too.
constexpr const char* kAfterPlan = "acceptEdits";

/// Chooses the session; where the last one was interrupted, the prompt says so.
void choose_session(const RunContext& run, const dispatch::Specialist& specialist,
                    const dispatch::ProjectWorkspace& workspace, dispatch::Task& task) {
  const auto& record = run.record;
  if (record.session_begun) {
    task.continues_session = true;
    task.session_id = record.session_id;
    task.prompt = restarted_prompt(record.prompt, cut_since(run).value_or(std::chrono::seconds(0)));
    const auto used = store::Ledger(run.db).used_on(record.id);
    task.session_usd = used.usd;
    task.session_tokens = {used.input_tokens, used.cache_read_tokens, used.cache_write_tokens, 0,
                           used.output_tokens};
    return;
  }
  if (record.action == store::DispatchAction::resume && !record.session_id.empty()) {
    task.continues_session = true;  // the session of the run that was interrupted
    task.session_id = record.session_id;
    return;
  }
  const auto last = record.action == store::DispatchAction::resume ? workspace.last_session(specialist.name())
                                                                   : std::optional<std::string>();
  task.continues_session = last.has_value();
  task.session_id = last.value_or(base::random_uuid());
}

constexpr std::size_t kMostOfPlan = 20'000;

/// The plan that was shown last, if any was.
const store::Approval* last_plan(const std::vector<store::Approval>& asked) {
  const auto found = std::find_if(asked.rbegin(), asked.rend(), [](const store::Approval& approval) {
    return approval.kind == store::ApprovalKind::plan;
  });
  return found == asked.rend() ? nullptr : &*found;
}

/// What a person answered lives in the CLI's process, and in its session once that has written it down;
/// another process of the same task has to be told, or it asks once more.
void add_answers(const RunContext& run, dispatch::Task& task) {
  const auto asked = store::Approvals(run.db).of_task(run.record.id, continue_prompt({}));
  std::string paragraphs;
  for (const auto& approval : asked) {
    if (approval.state == store::ApprovalState::answered) {
      const auto answers = base::parse_json(approval.answers).value_or(nlohmann::json::object());
      for (const auto& [question, answer] : answers.items()) {
        paragraphs += answered_question(question, answer.is_string() ? answer.get<std::string>() : "");
      }
    }
  }
  if (const auto* const plan = last_plan(asked); plan != nullptr) {
    if (plan->state == store::ApprovalState::allowed) {
      paragraphs += accepted_plan(base::keep_ends(plan->detail, kMostOfPlan));
      if (plan->detail != dispatch::texts::kNoPlan) {
        task.allowed_before.push_back(plan->hash);
      }
      if (task.permission == kPlanFirst) {
        task.permission = kAfterPlan;
      }
    } else if (plan->state == store::ApprovalState::denied && !plan->comment.empty()) {
      paragraphs += "\n\n" + plan->comment;
    }
  }
  task.prompt += paragraphs.empty() ? "" : answered_before(paragraphs);
}

/// "Allow for this task" lives in the CLI's process; another one of the same run has to be told.
void add_leave_for_task(const RunContext& run, dispatch::Task& task) {
  for (const auto& approval : store::Approvals(run.db).of(run.record.id)) {
    if (approval.state == store::ApprovalState::allowed_for_task) {
      task.allowed_tools.insert(task.allowed_tools.end(), approval.rules.begin(), approval.rules.end());
      task.allowed_before.push_back(approval.hash);
    }
  }
}

}  // namespace

dispatch::Task make_task(const RunContext& run, const dispatch::Specialist& specialist,
                         dispatch::ProjectWorkspace& workspace) {
  const auto& settings = run.services.settings.dispatch;
  dispatch::Task task;
  task.folder = workspace.folder();
  task.prompt = run.record.prompt;
  task.permission = settings.permission;
  task.trusts_folder = settings.trusted_projects.contains(run.project.slug);
  task.allowed_tools = settings.allowed_tools;
  task.system_prompt = specialist_system_prompt();
  task.timeout = settings.timeout;
  task.silence = settings.silence;
  task.max_turns = specialist.abilities().turn_limit ? settings.max_turns : 0;
  task.max_usd =
      Budgets(run.services, run.db, run.record.person, run.conversation).most_for_a_run(run.record.id);
  task.max_bytes_written = settings.max_bytes_written;
  task.lock_fd = workspace.lock_fd();
  if (run.record.action == store::DispatchAction::review) {
    dispatch::make_review(task, run.record.prompt);
    return task;  // one that was interrupted starts over: it changed nothing
  }
  choose_session(run, specialist, workspace, task);
  add_leave_for_task(run, task);
  add_answers(run, task);
  return task;
}

void warn_of_ignored_settings(const RunContext& run, const dispatch::ProjectWorkspace& workspace) {
  for (const auto& name : dispatch::executable_settings(workspace.folder())) {
    base::log_warning(
        "dispatch {}: {} in {} is not honoured: the project is not in dispatch.trusted_projects",
        chat::dispatch_name(run.record.id), name, run.project.slug);
  }
}

std::optional<dispatch::Report> earlier_result(const RunContext& run,
                                               const dispatch::ProjectWorkspace* workspace) {
  const auto& record = run.record;
  auto line = record.state == store::DispatchState::running && !record.result.empty()
                  ? std::optional(record.result)
                  : std::nullopt;
  if (!line && workspace != nullptr && !record.record.empty()) {
    line = workspace->saved_result(record.record);  // of a version that did not keep it in the database
  }
  if (!line) {
    return std::nullopt;
  }
  dispatch::Transcript transcript(workspace != nullptr ? workspace->folder() : std::filesystem::path(), {},
                                  {});
  transcript.take(*line);
  auto report = transcript.report();
  report.usd = store::Ledger(run.db).spent_on(record.id);
  return transcript.has_result() ? std::optional(std::move(report)) : std::nullopt;
}

}  // namespace bot::runs

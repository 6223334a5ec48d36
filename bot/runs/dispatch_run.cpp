#include "bot/runs/dispatch_run.h"

#include "base/crash_point.h"
#include "base/error.h"
#include "base/log.h"
#include "base/money.h"
#include "bot/messages/attachments.h"
#include "bot/runs/absent_cli.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/budget.h"
#include "bot/runs/end_write.h"
#include "bot/runs/further_tasks.h"
#include "bot/runs/legs.h"
#include "bot/runs/run_observer.h"
#include "bot/runs/run_task.h"
#include "bot/texts/approvals.h"
#include "bot/texts/budget.h"
#include "bot/texts/results.h"
#include "bot/texts/tasks.h"
#include "dispatch/task/texts.h"
#include "dispatch/workspace_run.h"
#include "store/outbox.h"

namespace bot::runs {
namespace {

using store::DispatchOutcome;

constexpr std::chrono::seconds kHolderPoll{2};
constexpr std::size_t kMostRawResult = 4 * 1024 * 1024;

/// A run in the registry, for as long as it lives.
struct RegisteredRun {
  RegisteredRun(runtime::RunRegistry& registry, store::DispatchId dispatch)
      : runs(registry), id(dispatch), run(registry.enter(dispatch)) {}
  ~RegisteredRun() { runs.leave(id); }
  RegisteredRun(const RegisteredRun&) = delete;
  RegisteredRun& operator=(const RegisteredRun&) = delete;

  runtime::RunRegistry& runs;
  const store::DispatchId id;
  const runtime::RunRegistry::Run run;
};

/// As it is kept in the database: the CLI's own result, unless that is far longer than what is made of it.
std::string kept_report(const dispatch::ProjectWorkspace& workspace, const std::string& record,
                        const dispatch::Report& report) {
  if (report.raw_result.size() <= kMostRawResult) {
    return workspace.result_json(record, report);
  }
  auto shorter = report;
  shorter.raw_result.clear();
  return workspace.result_json(record, shorter);
}

}  // namespace

DispatchRun::DispatchRun(runtime::Services& services, store::Database& db, const store::Job& job,
                         runtime::RunSlots::Place& place)
    : run_(services, db, job), place_(place), completion_(run_) {}

void DispatchRun::run(std::stop_token stop) {
  base::crash_point(base::CrashPoint::run_claimed, run_.record.id.value);
  if (settle_before_start()) {
    return;
  }
  RunFacts facts;
  facts.slug = run_.project.slug;
  facts.action = run_.record.action;
  facts.resumed_times = run_.record.attempts;
  facts.demo = run_.services.settings.secretary.demo;
  auto workspace = open_workspace(facts, stop);
  if (!workspace) {
    return;
  }
  facts.folder = workspace->folder();
  base::crash_point(base::CrashPoint::run_locked, run_.record.id.value);
  if (run_.record.state == store::DispatchState::running && settle_cut_run(*workspace, facts, stop)) {
    return;
  }
  if (const auto ago = cut_since(run_); ago && *ago > kGoesOnUnasked) {
    completion_.ask_to_go_on(*ago);
    return;
  }
  auto report = work(*workspace, facts, stop);
  if (!report) {  // cancelled at the last moment, and said so already
    store::JobQueue(run_.db).complete(run_.job);
    return;
  }
  if (is_cut(*report)) {
    give_back(*workspace, report->turns);
    return;
  }
  add_earlier_legs(run_, *report);
  facts.longest_cut = longest_cut(run_);
  completion_.finish(facts, *report, stop);
  workspace->forget_baseline(chat::dispatch_name(run_.record.id));
}

bool DispatchRun::is_cut(const dispatch::Report& report) const {
  return run_.services.stopping && report.outcome == dispatch::Outcome::cancelled &&
         !store::DispatchLog(run_.db).cancel_requested(run_.record.id);
}

bool DispatchRun::settle_before_start() {
  const auto& record = run_.record;
  if (record.state == store::DispatchState::finished) {
    store::JobQueue(run_.db).complete(run_.job);
    return true;
  }
  if (record.cancel_requested && record.attempts == 0) {
    completion_.finish_unstarted(DispatchOutcome::cancelled, record.session_begun
                                                                 ? texts::was_interrupted(run_.project.slug)
                                                                 : texts::not_started(run_.project.slug));
    return true;
  }
  if (run_.job.trial == store::JobTrial::proven) {
    completion_.finish_unstarted(DispatchOutcome::interrupted, texts::crashed_each_time(run_.project.slug));
    return true;
  }
  // Again, because what was ordered meanwhile may have used up what was left.
  if (record.attempts == 0 && !record.session_begun) {
    if (const auto budget = Budgets(run_.services, run_.db, record.person, run_.conversation).used_up()) {
      completion_.finish_over_budget(texts::not_dispatched(*budget));
      return true;
    }
  }
  specialist_ = run_.services.specialists.find(record.specialist);
  if (specialist_ == nullptr) {
    completion_.finish_unstarted(DispatchOutcome::error, texts::specialist_gone(record.specialist));
    return true;
  }
  return false;
}

std::optional<dispatch::ProjectWorkspace> DispatchRun::open_workspace(RunFacts& facts,
                                                                      const std::stop_token& stop) {
  const auto& root = run_.services.settings.dispatch.projects_dir;
  const auto& project = run_.project;
  std::optional<dispatch::ProjectWorkspace> workspace;
  const auto last = store::DispatchLog(run_.db).last_finished_of(project.id);
  if (last && last->session_begun && !dispatch::ProjectWorkspace::exists(root, project.slug)) {
    facts.problems.emplace_back(texts::kFolderWasGone);
  }
  try {
    workspace =
        dispatch::ProjectWorkspace::open(root, project.slug, project.description, run_.services.clock.now());
  } catch (const base::PermanentError& e) {
    base::log_error("dispatch {}: {}", chat::dispatch_name(run_.record.id), e.what());
    if (auto report = earlier_result(run_, nullptr)) {  // that it has a result does not depend on its folder
      add_earlier_legs(run_, *report);
      facts.problems.emplace_back(e.what());
      completion_.finish(facts, *report, stop);
    } else {
      completion_.finish_unstarted(DispatchOutcome::error, e.what());
    }
    return workspace;
  }
  if (!workspace) {
    wait_for_holder(dispatch::ProjectWorkspace::holder(root, project.slug));
  }
  return workspace;
}

bool DispatchRun::settle_cut_run(dispatch::ProjectWorkspace& workspace, RunFacts& facts,
                                 std::stop_token stop) {
  if (auto report = earlier_result(run_, &workspace)) {
    add_earlier_legs(run_, *report);
    facts.longest_cut = longest_cut(run_);
    const auto name = chat::dispatch_name(run_.record.id);
    facts.files = workspace.baseline(name).changes_to(dispatch::FolderSnapshot::take(workspace.folder()));
    note_attachments(run_, facts);
    if (!workspace.saved_result(run_.record.record)) {
      save_files(workspace, run_.record.record, *report, facts);
    }
    completion_.finish(facts, *report, std::move(stop));
    workspace.forget_baseline(name);
    return true;
  }
  note_cut_leg(run_, workspace, 0, std::nullopt);
  if (run_.record.cancel_requested) {
    completion_.finish_unstarted(DispatchOutcome::cancelled,
                                 texts::restarted_while_stopping(run_.project.slug));
    return true;
  }
  Budgets budgets(run_.services, run_.db, run_.record.person, run_.conversation);
  if (const auto budget = budgets.used_up()) {
    completion_.finish_over_budget(texts::used_up_meanwhile(*budget));
    return true;
  }
  if (budgets.run_limit_reached(run_.record.id)) {
    completion_.finish_unstarted(DispatchOutcome::error, dispatch::texts::kSpendingLimit);
    return true;
  }
  return false;
}

std::optional<dispatch::Report> DispatchRun::work(dispatch::ProjectWorkspace& workspace, RunFacts& facts,
                                                  const std::stop_token& stop) {
  const auto& id = run_.record.id;
  auto& services = run_.services;
  store::DispatchLog log(run_.db);
  auto task = make_task(run_, *specialist_, workspace);
  const auto record = workspace.new_record(services.clock.now(), id.value);
  const RegisteredRun registered(services.runs, id);
  close_requests(texts::kNotNeededRestarted);                 // of an attempt that broke off
  if (run_.record.action != store::DispatchAction::review) {  // which may do nothing that needs permission
    task.mailbox = registered.run.mailbox;
  }
  base::crash_point(base::CrashPoint::run_beginning, id.value);
  if (!log.begin(id, task.session_id, task.continues_session, record, services.clock.now())) {
    return std::nullopt;
  }
  base::crash_point(base::CrashPoint::run_begun, id.value);
  // Whoever cancelled before enter() found no run to stop.
  if (services.stopping || log.cancel_requested(id)) {
    services.runs.stop(id);
  }
  base::log_info("dispatch {}: {} in {} begins{}", chat::dispatch_name(id), to_string(run_.record.action),
                 run_.project.slug, run_.record.attempts == 0 ? "" : " again");
  if (!task.trusts_folder) {
    warn_of_ignored_settings(run_, workspace);
  }
  messages::AttachmentFetch(run_.db, services.platform(run_.conversation.section),
                            {services.settings.dispatch.max_attachment_bytes})
      .run(run_.record, workspace.folder(), services.clock.now(), registered.run.stop.get_token());
  task.prompt += messages::attachments_prompt(store::Attachments(run_.db).taken_by(id));
  hold_reserve(run_.db);  // it may have been given up for an earlier one
  auto report = run_specialist(workspace, task, record, facts, registered.run.stop.get_token(), stop);
  const bool cut = is_cut(report);
  base::log_info(
      "dispatch {}: {} after {}, {} turns, {}{}", chat::dispatch_name(id),
      cut ? "interrupted by the program's end, to go on after its next start," : to_string(report.outcome),
      base::format_duration(report.duration), report.turns, base::format_usd_closely(report.usd),
      cut || report.problem.empty() ? "" : ": " + report.problem);
  return report;
}

dispatch::Report DispatchRun::run_specialist(dispatch::ProjectWorkspace& workspace, dispatch::Task& task,
                                             const std::string& record, RunFacts& facts,
                                             const std::stop_token& stop,
                                             const std::stop_token& program_stop) {
  RunObserver observer(run_, place_, specialist_->abilities().additions ? task.mailbox : nullptr);
  const auto take = [&](const dispatch::Event& event) { observer.take(event); };
  const bool goes_on = store::DispatchLog(run_.db).legs(run_.record.id).size() > 1;
  auto run = run_when_there(
      [&] {
        return dispatch::run_in_workspace(*specialist_, workspace, task,
                                          {record, chat::dispatch_name(run_.record.id)},
                                          run_.record.action == store::DispatchAction::review, take, stop);
      },
      {goes_on ? kWaitsForCli : std::chrono::minutes(0), [&] { return !specialist_->missing(); }, take},
      stop);
  if (!observer.over_budget().empty() && run.report.outcome == dispatch::Outcome::cancelled) {
    run.report.outcome = dispatch::Outcome::error;
    run.report.problem = observer.over_budget();
    facts.over_budget = true;
  }
  base::crash_point(base::CrashPoint::run_ended, run_.record.id.value);
  facts.files = std::move(run.files);
  facts.files_complete = run.files_complete;
  facts.session_replaced = run.report.session_replaced;
  const auto kept = is_cut(run.report) ? std::string() : kept_report(workspace, record, run.report);
  try {
    observer.finish(
        run.report, [&] { store::DispatchLog(run_.db).keep_report(run_.record.id, kept); }, program_stop);
  } catch (const std::exception&) {
    save_files(workspace, record, run.report, facts);  // they may be on another disk
    throw;
  }
  base::crash_point(base::CrashPoint::run_kept, run_.record.id.value);
  note_attachments(run_, facts);
  if (run.report.claims_too_much) {
    facts.problems.emplace_back(texts::kClaimsTooMuch);
  }
  if (!kept.empty()) {
    save_files(workspace, record, run.report, facts);
  }
  return std::move(run.report);
}

void DispatchRun::save_files(dispatch::ProjectWorkspace& workspace, const std::string& record,
                             const dispatch::Report& report, RunFacts& facts) {
  try {
    workspace.save(record, report, run_.services.clock.now());
  } catch (const std::system_error& e) {
    base::log_error("dispatch {}: the files of its result cannot be written into {}: {}",
                    chat::dispatch_name(run_.record.id), run_.project.slug, e.what());
    facts.problems.push_back(texts::result_not_in_folder(e.code().message()));
  }
}

void DispatchRun::close_requests(const std::string& why) {
  store::Transaction transaction(run_.db);
  ApprovalDesk(run_.services, run_.db).close(run_.record.id, why);
  transaction.commit();
}

void DispatchRun::give_back(const dispatch::ProjectWorkspace& workspace, int turns) {
  note_cut_leg(run_, workspace, turns, run_.services.clock.now());
  store::Transaction transaction(run_.db);
  store::DispatchLog(run_.db).give_back(run_.record.id);
  store::JobQueue(run_.db).give_back(run_.job);
  transaction.commit();
}

void DispatchRun::wait_for_holder(const std::string& holder) {
  const auto text = with_further(run_.db, run_.record, texts::in_use_elsewhere(run_.project.slug, holder));
  store::Transaction transaction(run_.db);
  if (store::Conversations(run_.db).message(run_.record.note).text != text) {
    store::Outbox(run_.db).edit(run_.record.note, text, run_.buttons(), run_.services.clock.now());
  }
  const auto now = run_.services.clock.now();
  store::JobQueue(run_.db).give_back(run_.job, now, now + kHolderPoll);
  transaction.commit();
}

}  // namespace bot::runs

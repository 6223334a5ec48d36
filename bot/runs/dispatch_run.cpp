#include "bot/runs/dispatch_run.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/messages/attachments.h"
#include "bot/messages/files_out.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/runs/progress_note.h"
#include "bot/runs/result.h"
#include "dispatch/project/settings.h"
#include "dispatch/task/review.h"
#include "dispatch/task/transcript.h"
#include "dispatch/workspace_run.h"
#include "store/ledger.h"
#include "store/outbox.h"

namespace bot::runs {
namespace {

using store::DispatchAction;
using store::DispatchOutcome;

/// Live starts for one dispatch: the first, and five after the program's own death.
constexpr int kMaxStarts = 6;
constexpr std::chrono::seconds kHolderPoll{2};
/// An edit does not notify, so a long run ends with a message of its own.
constexpr std::chrono::seconds kLongRun{30};
/// A specialist's answer up to this length is passed on as it is.
constexpr std::size_t kShortAnswer = 700;
constexpr std::size_t kLongestPassedOn = 6'000;
/// How often a run looks for what was ordered in its project meanwhile, and at the day's budget.
constexpr std::chrono::milliseconds kLookForAdditions{500};

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

constexpr const char* kSystemPrompt =
    "You work for somebody who reads your final answer in a chat and cannot see your screen. Work in this "
    "folder only. End "
    "with a short, truthful report: what you did, how to use it, what you checked and what you did not "
    "check. Ask only where the answer changes what you do and cannot be guessed; a person answers in the "
    "chat, "
    "which takes a while. Otherwise choose sensibly and say so in the report.";

}  // namespace

DispatchRun::DispatchRun(runtime::Services& services, store::Database& db, const store::Job& job,
                         runtime::RunSlots::Place& place)
    : services_(services),
      db_(db),
      job_(job),
      place_(place),
      log_(db),
      record_(log_.dispatch({job.ref})),
      project_(store::Projects(db).get(record_.project)),
      conversation_(store::Conversations(db).get(record_.conversation)) {}

std::vector<store::Button> DispatchRun::cancel_button() const {
  return {{store::ButtonKind::cancel, record_.id.value, "Cancel"}};
}

void DispatchRun::run(std::stop_token stop) {
  if (record_.state == store::DispatchState::finished) {
    store::JobQueue(db_).complete(job_);
    return;
  }
  if (record_.cancel_requested && record_.attempts == 0) {
    finish_unstarted(DispatchOutcome::cancelled,
                     record_.session_begun ? "It had been interrupted by a restart." : "It had not begun.");
    return;
  }
  // Again, because what was ordered meanwhile may have used up what was left.
  if (record_.attempts == 0 && !record_.session_begun) {
    const auto person = store::People(db_).get(record_.person);
    if (const auto sentence = DispatchDesk(services_, db_).over_budget(person)) {
      finish_unstarted(DispatchOutcome::cancelled, *sentence);
      return;
    }
  }
  specialist_ = services_.specialists.find(record_.specialist);
  if (specialist_ == nullptr) {
    finish_unstarted(DispatchOutcome::error,
                     fmt::format("The specialist \"{}\" is no longer configured here; ask again, and "
                                 "another one does it.",
                                 record_.specialist));
    return;
  }
  std::optional<dispatch::ProjectWorkspace> workspace;
  const auto& root = services_.settings.dispatch.projects_dir;
  try {
    workspace =
        dispatch::ProjectWorkspace::open(root, project_.slug, project_.description, services_.clock.now());
  } catch (const base::PermanentError& e) {
    base::log_error("dispatch {}: {}", chat::dispatch_name(record_.id), e.what());
    finish_unstarted(DispatchOutcome::error, e.what());
    return;
  }
  if (!workspace) {
    wait_for_holder(dispatch::ProjectWorkspace::holder(root, project_.slug));
    return;
  }
  RunFacts facts;
  facts.slug = project_.slug;
  facts.folder = workspace->folder();
  facts.action = record_.action;
  const bool was_cut = record_.state == store::DispatchState::running;
  facts.resumed_times = record_.attempts;
  facts.demo = services_.settings.secretary.demo;
  if (was_cut) {
    if (auto report = earlier_result(*workspace)) {
      const auto before = workspace->baseline(chat::dispatch_name(record_.id));
      facts.files = before.changes_to(dispatch::FolderSnapshot::take(workspace->folder()));
      workspace->forget_baseline(chat::dispatch_name(record_.id));
      note_attachments(facts);
      finish(facts, *report, outcome_of(report->outcome), stop);
      return;
    }
    if (record_.cancel_requested) {
      finish_unstarted(DispatchOutcome::cancelled, "The program was restarted while it was being stopped.");
      return;
    }
    if (record_.attempts >= kMaxStarts) {
      finish_unstarted(
          DispatchOutcome::interrupted,
          fmt::format("The program was restarted {} times while it ran, so I gave up.", kMaxStarts));
      return;
    }
  }
  const auto report = work(*workspace, facts);
  if (!report) {  // cancelled at the last moment, and said so already
    store::JobQueue(db_).complete(job_);
    return;
  }
  if (services_.stopping && report->outcome == dispatch::Outcome::cancelled &&
      !log_.cancel_requested(record_.id)) {
    // A clean stop: the run goes on in its session after the next start.
    store::Transaction transaction(db_);
    log_.give_back(record_.id);
    store::JobQueue(db_).give_back(job_);
    transaction.commit();
    return;
  }
  finish(facts, *report, outcome_of(report->outcome), stop);
}

std::optional<dispatch::Report> DispatchRun::earlier_result(
    const dispatch::ProjectWorkspace& workspace) const {
  const auto line = record_.record.empty() ? std::nullopt : workspace.saved_result(record_.record);
  if (!line) {
    return std::nullopt;
  }
  dispatch::Transcript transcript(workspace.folder(), {}, {});
  transcript.take(*line);
  auto report = transcript.report();
  report.duration = services_.clock.now() - record_.started.value_or(record_.created);
  report.usd = std::max(0.0, report.usd - workspace.spent_in_session(report.session_id, record_.record));
  return transcript.has_result() ? std::optional(std::move(report)) : std::nullopt;
}

dispatch::Task DispatchRun::make_task(dispatch::ProjectWorkspace& workspace) {
  const auto& settings = services_.settings.dispatch;
  dispatch::Task task;
  task.folder = workspace.folder();
  task.prompt = record_.prompt;
  task.permission = settings.permission;
  task.trusts_folder = settings.trusted_projects.contains(project_.slug);
  task.allowed_tools = settings.allowed_tools;
  task.system_prompt = kSystemPrompt;
  task.timeout = settings.timeout;
  task.silence = settings.silence;
  task.max_turns = specialist_->abilities().turn_limit ? settings.max_turns : 0;
  task.max_usd = DispatchDesk(services_, db_).most_for_a_run(record_.person);
  task.max_bytes_written = settings.max_bytes_written;
  task.lock_fd = workspace.lock_fd();
  if (record_.action == DispatchAction::review) {
    dispatch::make_review(task, record_.prompt);
    return task;  // one that was cut begins afresh: it changed nothing
  }
  if (record_.session_begun) {
    task.continues_session = true;
    task.session_id = record_.session_id;
    task.prompt =
        "You were interrupted by a restart of the program. Look at what is already done, continue where you "
        "left off and "
        "finish the task. The task was:\n\n" +
        record_.prompt;
  } else if (record_.action == DispatchAction::resume && !record_.session_id.empty()) {
    task.continues_session = true;  // the session of the run that was interrupted
    task.session_id = record_.session_id;
  } else if (const auto last = workspace.last_session(specialist_->name());
             record_.action == DispatchAction::resume && last) {
    task.continues_session = true;
    task.session_id = *last;
  } else {
    task.session_id = base::random_uuid();
  }
  return task;
}

std::optional<dispatch::Report> DispatchRun::work(dispatch::ProjectWorkspace& workspace, RunFacts& facts) {
  auto task = make_task(workspace);
  const auto record = workspace.new_record(services_.clock.now(), record_.id.value);
  const bool was_waiting = record_.attempts == 0;
  const RegisteredRun registered(services_.runs, record_.id);
  close_requests("No longer needed: the work was begun again.");  // of an attempt that broke off
  if (record_.action != DispatchAction::review) {                 // which may do nothing that needs leave
    task.mailbox = registered.run.mailbox;
  }
  if (!log_.begin(record_.id, task.session_id, task.continues_session, record, services_.clock.now())) {
    return std::nullopt;
  }
  // Whoever cancelled before enter() found no run to stop.
  if (services_.stopping || log_.cancel_requested(record_.id)) {
    services_.runs.stop(record_.id);
  }
  base::log_info("dispatch {}: {} in {} begins{}", chat::dispatch_name(record_.id), to_string(record_.action),
                 project_.slug, was_waiting ? "" : " again");
  if (!task.trusts_folder) {
    for (const auto& name : dispatch::executable_settings(workspace.folder())) {
      base::log_warning(
          "dispatch {}: {} in {} is not honoured: the project is not in dispatch.trusted_projects",
          chat::dispatch_name(record_.id), name, project_.slug);
    }
  }
  messages::AttachmentFetch(db_, services_.platform(conversation_.section),
                            {services_.settings.dispatch.max_attachment_bytes})
      .run(record_, workspace.folder(), services_.clock.now(), registered.run.stop.get_token());
  task.prompt += messages::attachments_prompt(store::Attachments(db_).taken_by(record_.id));
  ProgressNote note(services_, db_, record_.id, record_.note, project_.slug, cancel_button());
  const auto run = dispatch::run_in_workspace(
      *specialist_, workspace, task, {record, chat::dispatch_name(record_.id)},
      record_.action == DispatchAction::review,
      [&](const dispatch::Event& event) {
        if (event.kind == dispatch::Event::Kind::session_begun) {
          log_.mark_session_begun(record_.id, event.text);
        }
        attend(event);
        pass_on(event, task.mailbox.get());
        watch_budget(event);
        note.take(event);
      },
      registered.run.stop.get_token());
  note_taken_up();
  auto report = run.report;
  if (!over_budget_.empty() && report.outcome == dispatch::Outcome::cancelled) {
    report.outcome = dispatch::Outcome::error;
    report.problem = over_budget_;
  }
  facts.files = run.files;
  facts.files_complete = run.files_complete;
  note_attachments(facts);
  facts.session_replaced = report.session_replaced;
  const bool given_back = services_.stopping && report.outcome == dispatch::Outcome::cancelled;
  if (!given_back) {
    workspace.save(record, report, services_.clock.now());
    workspace.forget_baseline(chat::dispatch_name(record_.id));
  }
  base::log_info("dispatch {}: {} after {}, {} turns, ${:.4f}{}", chat::dispatch_name(record_.id),
                 to_string(report.outcome), base::format_duration(report.duration), report.turns, report.usd,
                 report.problem.empty() ? "" : ": " + report.problem);
  return report;
}

void DispatchRun::note_attachments(RunFacts& facts) {
  store::Attachments attachments(db_);
  facts.problems = messages::attachment_problems(attachments.taken_by(record_.id));
  // What came after a restart is not in the baseline of the run's first beginning.
  const auto placed = attachments.placed_in(project_.id);
  std::erase_if(facts.files, [&](const dispatch::FileChange& change) {
    return change.kind == dispatch::FileChange::Kind::created &&
           std::find(placed.begin(), placed.end(), change.path) != placed.end();
  });
}

void DispatchRun::close_requests(const std::string& why) {
  store::Transaction transaction(db_, services_.notifier);
  ApprovalDesk(services_, db_).close(record_.id, why);
  transaction.commit();
}

void DispatchRun::attend(const dispatch::Event& event) {
  if (event.kind == dispatch::Event::Kind::asks) {
    unasked_.push_back(event.request);
    awaits_ = true;
    place_.leave_to_others();
  }
  if (!awaits_) {
    return;
  }
  // A database that is busy or full must not end the run; it is tried again with the next event.
  try {
    ApprovalDesk desk(services_, db_);
    if (event.kind == dispatch::Event::Kind::withdrawn) {
      std::erase_if(unasked_, [&](const auto& request) { return request->id == event.text; });
      desk.withdraw(record_.id, event.text);
    }
    for (; !unasked_.empty(); unasked_.pop_front()) {
      desk.ask(record_.id, conversation_, project_.slug,
               store::Conversations(db_).message(log_.decision(record_.decision).message).external_id,
               *unasked_.front());
    }
    desk.expire_overdue(record_.id);
    if (store::Approvals(db_).open_of(record_.id).empty()) {
      awaits_ = false;
      place_.take_back();
    }
  } catch (const std::exception& e) {
    base::log_error("dispatch {}: what it asks cannot be shown now: {}", chat::dispatch_name(record_.id),
                    e.what());
  }
}

void DispatchRun::pass_on(const dispatch::Event& event, dispatch::Mailbox* mailbox) {
  using Kind = dispatch::Event::Kind;
  session_begun_ = session_begun_ || event.kind == Kind::session_begun;
  if (event.kind == Kind::added) {
    taken_up_.push_back({event.addition});
  }
  note_taken_up();
  const auto now = std::chrono::steady_clock::now();
  if (mailbox == nullptr || !session_begun_ || now < next_look_ || !specialist_->abilities().additions) {
    return;
  }
  next_look_ = now + kLookForAdditions;
  try {
    for (const auto& waiting : log_.waiting_of(project_.id)) {
      if (passed_on_.contains(waiting.id)) {
        continue;
      }
      // In their order: what wants a session or a specialist of its own holds up what comes after it. So does
      // another person's: what this one allowed, and pays for, is not theirs. And so does what came with
      // files, which are fetched when a run begins.
      const bool other_session =
          !waiting.session_id.empty() && waiting.session_id != log_.dispatch(record_.id).session_id;
      if (waiting.action != DispatchAction::resume || waiting.specialist != record_.specialist ||
          waiting.person != record_.person || other_session || waiting.cancel_requested ||
          waiting.attempts > 0 ||
          !messages::waiting_attachments(db_, waiting, services_.clock.now()).empty()) {
        return;
      }
      store::Transaction transaction(db_, services_.notifier);
      store::Outbox(db_).edit(
          waiting.note, fmt::format("Passing it on to the work on *{}* that is going on …", project_.slug),
          {}, services_.clock.now());
      transaction.commit();
      passed_on_.insert(waiting.id);
      mailbox->push(dispatch::Addition{waiting.id.value, waiting.prompt});
    }
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: what waits cannot be passed on now: {}", chat::dispatch_name(record_.id),
                      e.what());
  }
}

void DispatchRun::watch_budget(const dispatch::Event& event) {
  services_.runs.note_spent(record_.id, record_.person, event.usd_so_far);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_count_ || !over_budget_.empty()) {
    return;
  }
  next_count_ = now + kLookForAdditions;
  try {
    const auto left = DispatchDesk(services_, db_).left_today(record_.person);
    if (left && *left <= 0) {
      over_budget_ = "It was ended because the budget for today is used up by what runs now.";
      services_.runs.stop(record_.id);
    }
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: the budget cannot be looked at now: {}", chat::dispatch_name(record_.id),
                      e.what());
  }
}

void DispatchRun::note_taken_up() {
  // Until it is noted it waits in the queue, so nothing is lost where this fails.
  try {
    for (; !taken_up_.empty(); taken_up_.pop_front()) {
      const auto id = taken_up_.front();
      store::Transaction transaction(db_, services_.notifier);
      const auto now = services_.clock.now();
      if (log_.join(id, record_.id, now)) {
        store::JobQueue(db_).withdraw(runtime::kDispatchJob, id.value);
        store::Outbox(db_).edit(
            log_.dispatch(id).note,
            fmt::format("Passed on to the work on *{}* that was going on; its result covers it.",
                        project_.slug),
            {}, now);
        DispatchDesk(services_, db_).refresh_queue(project_.id);
      }
      transaction.commit();
      record_.prompt = log_.dispatch(record_.id).prompt;
      base::log_info("dispatch {}: {} is passed on to it", chat::dispatch_name(record_.id),
                     chat::dispatch_name(id));
    }
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: {}", chat::dispatch_name(record_.id), e.what());
  }
}

std::string DispatchRun::retell(const RunFacts& facts, const dispatch::Report& report, std::stop_token stop) {
  if (base::one_line(report.text).empty() || report.outcome == dispatch::Outcome::error) {
    return {};
  }
  if (report.text.size() <= kShortAnswer) {
    return report.text;
  }
  const auto started = std::chrono::steady_clock::now();
  const auto on_usage = [&](const llm::Usage& usage) {
    const auto usd = services_.price(usage);
    store::Ledger(db_).add(
        {conversation_.id, record_.person, record_.id, store::Purpose::summary, services_.model.provider(),
         services_.model.model(), usage.input, usage.cache_read, usage.cache_write, usage.output, usd},
        services_.clock.now());
    services_.metrics.spent(store::Purpose::summary, usd);
  };
  const auto observe = [&](bool ok) {
    services_.metrics.model_call(
        store::Purpose::summary,
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(), ok);
  };
  try {
    auto text = services_.secretary.summarize(record_.prompt, report.text, facts_for_model(facts, report),
                                              on_usage, std::move(stop));
    observe(true);
    return text;
  } catch (const llm::ModelError& e) {
    observe(false);
    base::log_warning("dispatch {}: no summary, the report is passed on: {}", chat::dispatch_name(record_.id),
                      e.what());
    return base::keep_ends(report.text, kLongestPassedOn);
  }
}

void DispatchRun::finish(const RunFacts& facts, const dispatch::Report& report, DispatchOutcome outcome,
                         std::stop_token stop) {
  const auto retold = retell(facts, report, std::move(stop));
  const auto headline = outcome_text(outcome, project_.slug, report.problem);
  const auto text = headline + (retold.empty() ? "" : "\n\n" + retold) + "\n\n" + facts_text(facts, report);
  const bool was_long = services_.clock.now() - record_.created > kLongRun;
  store::Conversations conversations(db_);
  const auto decision = log_.decision(record_.decision);
  std::vector<store::Button> buttons;
  if (outcome == DispatchOutcome::timeout) {
    buttons.push_back({store::ButtonKind::resume, record_.id.value, "Continue"});
  }
  {
    store::Transaction transaction(db_, services_.notifier);
    const auto now = services_.clock.now();
    record_result(db_, record_, outcome, facts, report, now);
    store::Projects(db_).touch(project_.id, now);
    ApprovalDesk(services_, db_).close(record_.id, "No longer needed: the work has ended.");
    const auto files =
        messages::FilesOut(services_, db_).offer(conversation_, record_.id, facts.folder, facts.files);
    buttons.insert(buttons.end(), files.begin(), files.end());
    store::Outbox outbox(db_);
    if (was_long) {
      outbox.edit(record_.note, headline + "\n\nThe result is in the message below.", {}, now);
      outbox.post(conversation_,
                  {text, buttons, conversations.message(decision.message).external_id, record_.id}, now);
    } else {
      outbox.edit(record_.note, text, buttons, now);
    }
    if (!store::JobQueue(db_).complete(job_)) {
      return;
    }
    DispatchDesk(services_, db_).refresh_queue(project_.id);
    transaction.commit();
  }
  services_.metrics.spent(store::Purpose::specialist, report.usd);
  services_.metrics.dispatch_finished(
      outcome, std::chrono::duration<double>(services_.clock.now() - record_.created).count());
}

void DispatchRun::finish_unstarted(DispatchOutcome outcome, const std::string& problem) {
  {
    store::Transaction transaction(db_, services_.notifier);
    const auto now = services_.clock.now();
    log_.finish(record_.id, outcome, problem, "{}", 0, now);
    ApprovalDesk(services_, db_).close(record_.id, "No longer needed: the work has ended.");
    std::vector<store::Button> buttons;
    if (outcome == DispatchOutcome::interrupted) {
      buttons.push_back({store::ButtonKind::resume, record_.id.value, "Continue"});
    }
    store::Outbox(db_).edit(record_.note, outcome_text(outcome, project_.slug, problem), buttons, now);
    if (!store::JobQueue(db_).complete(job_)) {
      return;
    }
    DispatchDesk(services_, db_).refresh_queue(project_.id);
    transaction.commit();
  }
  services_.metrics.dispatch_finished(outcome, 0);
}

void DispatchRun::wait_for_holder(const std::string& holder) {
  const auto text = fmt::format(
      "Waiting: *{}* is in use by another run on this machine ({}). It begins as soon as that ends.",
      project_.slug, holder);
  store::Transaction transaction(db_);
  if (store::Conversations(db_).message(record_.note).text != text) {
    store::Outbox(db_).edit(record_.note, text, cancel_button(), services_.clock.now());
  }
  store::JobQueue(db_).give_back(job_, services_.clock.now() + kHolderPoll);
  transaction.commit();
}

}  // namespace bot::runs

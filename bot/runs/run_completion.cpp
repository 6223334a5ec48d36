#include "bot/runs/run_completion.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/log_event.h"
#include "base/utf8.h"
#include "bot/messages/attachments.h"
#include "bot/messages/files_out.h"
#include "bot/runs/answer_text.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/budget.h"
#include "bot/runs/budget_alerts.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/runs/further_tasks.h"
#include "bot/runs/legs.h"
#include "bot/runs/long_ago.h"
#include "bot/runs/repair_buttons.h"
#include "bot/runs/result.h"
#include "bot/texts/approvals.h"
#include "bot/texts/buttons.h"
#include "bot/texts/results.h"
#include "store/approvals.h"
#include "store/attachments.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/routing_log.h"

namespace bot::runs {
namespace {

/// An edit does not notify, so a long run ends with a message of its own.
constexpr std::chrono::seconds kLongRun{30};
/// A specialist's answer up to this length is passed on as it is.
constexpr std::size_t kShortAnswer = 700;
constexpr std::size_t kLongestPassedOn = 6'000;
/// The secretary could have said as much, about 400 tokens, itself.
constexpr std::size_t kTrivialAnswer = 1'500;

}  // namespace

void note_attachments(const RunContext& run, RunFacts& facts) {
  store::Attachments attachments(run.db);
  for (auto& problem : messages::attachment_problems(attachments.taken_by(run.record.id))) {
    facts.problems.push_back(std::move(problem));
  }
  // What came after a restart is not in the baseline of the run's first beginning.
  const auto placed = attachments.placed_in(run.project.id);
  std::erase_if(facts.files, [&](const dispatch::FileChange& change) {
    return change.kind == dispatch::FileChange::Kind::created &&
           std::find(placed.begin(), placed.end(), change.path) != placed.end();
  });
}

void RunCompletion::charge_summary(const llm::Usage& usage) {
  const auto usd = run_.services.price(usage);
  store::Ledger(run_.db).add(
      {run_.conversation.id, run_.record.person, run_.record.id, store::Purpose::summary,
       run_.services.provider_of(usage), run_.services.model_of(usage), usage.input, usage.cache_read,
       usage.cache_write, usage.output, usd},
      run_.services.clock.now());
  run_.services.metrics.spent(store::Purpose::summary, usd);
  run_.services.metrics.used(store::Purpose::summary,
                             {usage.input, usage.cache_read, usage.cache_write, usage.output});
  tell_spent_shares(run_.services, run_.db, run_.record.person, run_.conversation);
}

std::string RunCompletion::retell(const RunFacts& facts, const dispatch::Report& report,
                                  std::stop_token stop) {
  if (base::one_line(report.text).empty()) {
    return {};
  }
  if (report.text.size() <= kShortAnswer) {
    return report.text;
  }
  if (Budgets(run_.services, run_.db, run_.record.person, run_.conversation).used_up_for_secretary()) {
    return base::keep_ends(report.text, kLongestPassedOn);
  }
  try {
    return answer_text(run_.services.secretary.summarize(
        run_.record.prompt, report.text, facts_for_model(facts, report),
        [this](const llm::Usage& usage) { charge_summary(usage); }, std::move(stop)));
  } catch (const llm::ModelError& e) {
    base::log_warning("dispatch {}: no summary, the report is passed on: {}",
                      chat::dispatch_name(run_.record.id), e.what());
    return base::keep_ends(report.text, kLongestPassedOn);
  }
}

bool RunCompletion::complete_job() {
  if (!store::JobQueue(run_.db).complete(run_.job)) {
    return false;
  }
  DispatchDesk(run_.services, run_.db).refresh_queue(run_.project.id);
  return true;
}

void RunCompletion::note_if_trivial(const RunFacts& facts, const dispatch::Report& report) {
  const auto asked = store::DispatchLog(run_.db).asked(run_.record.decision).id;
  store::RoutingLog routing(run_.db);
  // A run of one turn has used no tool.
  if (report.outcome == dispatch::Outcome::success && report.turns == 1 && facts.files.empty() &&
      facts.files_complete && report.text.size() <= kTrivialAnswer && routing.judgement(asked)) {
    routing.add({asked,
                 store::Verdict::should_answer,
                 {},
                 run_.record.person,
                 run_.services.clock.now(),
                 store::VerdictSource::trivial});
  }
}

void RunCompletion::finish(const RunFacts& facts, const dispatch::Report& report, std::stop_token stop) {
  const auto& record = run_.record;
  auto& services = run_.services;
  auto& db = run_.db;
  const auto outcome = outcome_of(report.outcome);
  const auto retold = retell(facts, report, std::move(stop));
  const auto headline = outcome_text(outcome, run_.project.slug, report.problem);
  auto shown = report;
  shown.usd = store::Ledger(db).spent_on(record.id);  // also before a crash
  auto told = facts;
  const auto* const platform = services.platform(run_.conversation.section);
  told.tells_folder = platform == nullptr || !platform->features().opens_files;
  const auto text = with_further(
      db, record, headline + (retold.empty() ? "" : "\n\n" + retold) + "\n\n" + facts_text(told, shown));
  // What was asked meanwhile stands below the note; its result must not stand above it.
  const bool is_below =
      services.clock.now() - record.created > kLongRun || !store::Approvals(db).of(record.id).empty();
  const auto asked = store::DispatchLog(db).decision(record.decision).message;
  std::vector<store::Button> buttons;
  if (report.outcome == dispatch::Outcome::timeout) {
    buttons.push_back({store::ButtonKind::resume, record.id.value, texts::kContinue});
  } else if (report.outcome == dispatch::Outcome::error && !facts.over_budget) {
    buttons.push_back({store::ButtonKind::retry, record.id.value, texts::kRetry});
  }
  {
    store::Transaction transaction(db, services.notifier);
    const auto now = services.clock.now();
    record_result(db, record, outcome, facts, report, now);
    if (facts.over_budget) {
      store::DispatchLog(db).note_over_budget(record.decision);
    }
    store::Projects(db).touch(run_.project.id, now);
    ApprovalDesk(services, db).close(record.id, texts::kNotNeededEnded);
    const auto files =
        messages::FilesOut(services, db).offer(run_.conversation, record.id, facts.folder, facts.files);
    buttons.insert(buttons.end(), files.begin(), files.end());
    if (report.outcome != dispatch::Outcome::cancelled) {
      const auto judged = thumbs(services, run_.conversation, record.decision);
      buttons.insert(buttons.end(), judged.begin(), judged.end());
    }
    note_if_trivial(facts, report);
    store::Outbox outbox(db);
    if (is_below) {
      outbox.edit(record.note, headline + "\n\n" + texts::kResultBelow, {}, now);
      outbox.post(run_.conversation,
                  {text, buttons, store::Conversations(db).message(asked).external_id, record.id}, now);
    } else {
      outbox.edit(record.note, text, buttons, now);
    }
    if (!complete_job()) {
      return;
    }
    base::crash_point(base::CrashPoint::run_settling, record.id.value);
    transaction.commit();
  }
  base::crash_point(base::CrashPoint::run_settled, record.id.value);
  count(outcome, facts.over_budget);
}

void RunCompletion::count(store::DispatchOutcome outcome, bool over_budget) {
  base::log_event("finished",
                  {{"message", store::DispatchLog(run_.db).decision(run_.record.decision).message.value},
                   {"decision", run_.record.decision.value},
                   {"dispatch", chat::dispatch_name(run_.record.id)},
                   {"outcome", to_string(outcome)}});
  auto& metrics = run_.services.metrics;
  if (const auto legs = store::DispatchLog(run_.db).legs(run_.record.id); !legs.empty()) {
    metrics.specialist_worked(run_.record.specialist,
                              std::chrono::duration<double>(store::time_worked(legs)).count());
    const auto used = store::Ledger(run_.db).used_on(run_.record.id);
    metrics.used(store::Purpose::specialist,
                 {used.input_tokens, used.cache_read_tokens, used.cache_write_tokens, used.output_tokens});
  }
  count_finished(run_.services, run_.db, run_.record, to_string(outcome),
                 over_budget ? to_string(store::DecisionOutcome::over_budget) : to_string(outcome));
}

void RunCompletion::finish_unstarted(store::DispatchOutcome outcome, const std::string& problem) {
  end_unstarted(outcome, problem, Why::plain);
}

void RunCompletion::ask_to_go_on(std::chrono::seconds ago) {
  end_unstarted(store::DispatchOutcome::interrupted, texts::cut_long_ago(ago), Why::long_ago);
}

void RunCompletion::finish_over_budget(const std::string& problem) {
  end_unstarted(store::DispatchOutcome::cancelled, problem, Why::over_budget);
}

void RunCompletion::tell_unstarted(store::DispatchOutcome outcome, const std::string& problem, Why why,
                                   base::Timestamp now) {
  const auto& record = run_.record;
  if (why == Why::long_ago) {
    show_question_to_go_on(run_.db, run_.conversation, record, run_.project.slug, problem, now);
    return;
  }
  std::vector<store::Button> buttons;
  if (outcome == store::DispatchOutcome::interrupted) {
    buttons.push_back({store::ButtonKind::resume, record.id.value, texts::kContinue});
  } else if (outcome == store::DispatchOutcome::error) {
    buttons.push_back({store::ButtonKind::retry, record.id.value, texts::kRetry});
  }
  store::Outbox(run_.db).edit(
      record.note, with_further(run_.db, record, outcome_text(outcome, run_.project.slug, problem)), buttons,
      now);
}

void RunCompletion::end_unstarted(store::DispatchOutcome outcome, const std::string& problem, Why why) {
  const auto& record = run_.record;
  const bool over_budget = why == Why::over_budget;
  {
    store::Transaction transaction(run_.db, run_.services.notifier);
    const auto now = run_.services.clock.now();
    store::DispatchLog(run_.db).finish(record.id, outcome, problem, facts_of_legs(run_.db, record.id),
                                       store::Ledger(run_.db).spent_on(record.id), now);
    if (over_budget) {
      store::DispatchLog(run_.db).note_over_budget(record.decision);
    }
    ApprovalDesk(run_.services, run_.db).close(record.id, texts::kNotNeededEnded);
    tell_unstarted(outcome, problem, why, now);
    if (!complete_job()) {
      return;
    }
    transaction.commit();
  }
  count(outcome, over_budget);
}

}  // namespace bot::runs

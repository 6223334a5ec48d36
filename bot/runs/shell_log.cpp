#include "bot/runs/shell_log.h"

#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "bot/runs/result.h"
#include "bot/runtime/calibration.h"
#include "bot/texts/results.h"
#include "dispatch/project/workspace.h"
#include "router/scoring/judgement.h"
#include "router/scoring/own_words.h"
#include "store/conversations.h"
#include "store/ledger.h"
#include "store/people.h"
#include "store/projects.h"

namespace bot::runs {
namespace {

std::string user_name() {
  const auto* user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_name : std::to_string(::getuid());
}

base::Timestamp now() {
  return base::SystemClock().now();
}

}  // namespace

ShellLog::ShellLog(const std::filesystem::path& database, const std::string& specialist)
    : specialist_(specialist) {
  try {
    db_ = std::make_unique<store::Database>(database);
  } catch (const std::exception& e) {
    base::log_warning("the run is not written into the bot's log: {}", e.what());
  }
}

ShellLog::~ShellLog() = default;

void ShellLog::attempt(const std::function<void()>& write) {
  if (!db_) {
    return;
  }
  try {
    store::Transaction transaction(*db_);
    write();
    transaction.commit();
  } catch (const std::exception& e) {
    base::log_warning("the run is not written into the bot's log: {}", e.what());
    db_.reset();
  }
}

void ShellLog::begin(const Run& run) {
  attempt([&] {
    const auto user = user_name();
    store::Conversations conversations(*db_);
    const auto conversation = conversations.open(store::kShellSection, user, now());
    const auto person =
        store::People(*db_).remember(store::kShellSection, std::to_string(::getuid()), user, now());
    const auto message =
        conversations.add_incoming(conversation.id, person.id, {}, run.prompt, std::nullopt, now());
    store::Projects projects(*db_);
    auto project = projects.find(run.slug);
    if (!project) {
      project = projects.create(run.slug, std::nullopt, run.description, now());
    }
    projects.touch(project->id, now());

    store::DispatchLog log(*db_);
    store::DecisionRecord decision;
    decision.message = message;
    decision.conversation = conversation.id;
    decision.person = person.id;
    decision.action = store::DecisionAction::dispatch;
    // Whoever called the command decided; p is what their words alone come to.
    decision.p =
        router::judge({router::own_words(run.prompt).text}, std::nullopt, router::Scorer::built_in(),
                      runtime::calibration_in_force(*db_), conversation.section + ":" + conversation.chat_id)
            .p;
    decision.layer = "shell";
    decision.cause = "rule:shell";
    decision.reason = fmt::format("{} called frontdesk {}", user, to_string(run.action));
    store::DispatchRecord dispatch;
    dispatch.decision = log.add_decision(decision, now());
    dispatch.conversation = conversation.id;
    dispatch.person = person.id;
    dispatch.project = project->id;
    dispatch.action = run.action;
    dispatch.prompt = run.prompt;
    dispatch.specialist = specialist_;
    dispatch.session_id = run.session_id;
    dispatch.id = log.add_dispatch(dispatch, now());
    log.begin(dispatch.id, run.session_id, run.resumes, run.record, now());
    dispatch_ = dispatch;
    spending_ = std::make_unique<RunSpending>(*db_, dispatch);
    leg_ = std::make_unique<LegClock>(*db_, dispatch.id);
  });
}

void ShellLog::take(const dispatch::Event& event) {
  if (!db_ || !spending_) {
    return;
  }
  leg_->take(event, now());
  try {
    spending_->note(event, now());
  } catch (const std::exception& e) {
    base::log_warning("the run's cost cannot be booked now: {}", e.what());
  }
}

void ShellLog::finish(const RunFacts& facts, const dispatch::Report& report) {
  attempt([&] {
    if (!dispatch_) {
      return;
    }
    if (report.session_begun) {
      store::DispatchLog(*db_).mark_session_begun(dispatch_->id, report.session_id);
    }
    spending_->settle(report, now());
    record_result(*db_, *dispatch_, outcome_of(report.outcome), facts, report, now());
  });
}

std::optional<std::string> last_specialist(const std::filesystem::path& database, const std::string& slug) {
  std::error_code ec;
  if (!std::filesystem::exists(database, ec)) {
    return std::nullopt;
  }
  try {
    store::Database db(database);
    const auto project = store::Projects(db).find(slug);
    const auto last = project ? store::DispatchLog(db).last_work_on(project->id) : std::nullopt;
    return last ? std::optional(last->specialist) : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;  // ShellLog says it
  }
}

void settle_lost_shell_runs(store::Database& db, const std::filesystem::path& projects_dir) {
  store::DispatchLog log(db);
  store::Projects projects(db);
  for (const auto& run : log.running_in(store::kShellSection)) {
    const auto slug = projects.get(run.project).slug;
    // One with its files elsewhere is looked after by those who know that folder.
    std::error_code ec;
    const auto events = projects_dir / slug / ".dispatch-logs" / (run.record + "-events.jsonl");
    if (std::filesystem::exists(events, ec) &&
        dispatch::ProjectWorkspace::live_holder(projects_dir, slug).empty()) {
      const auto legs = log.legs(run.id);
      if (!legs.empty()) {
        log.interrupt(run.id, 0, legs.back().seen.value_or(legs.back().started));
      }
      log.finish(run.id, store::DispatchOutcome::interrupted, texts::kProcessGone, facts_of_legs(db, run.id),
                 store::Ledger(db).spent_on(run.id), now());
    }
  }
}

}  // namespace bot::runs

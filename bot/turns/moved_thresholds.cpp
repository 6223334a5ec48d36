#include "bot/turns/moved_thresholds.h"

#include <algorithm>

#include "bot/runs/budget.h"
#include "bot/texts/budget.h"
#include "store/dispatch_log.h"
#include "store/ledger.h"
#include "store/routing_log.h"

namespace bot::turns {
namespace {

std::optional<router::ThreadPast::Kind> kind_of(const store::RecentDecision& decision) {
  using Kind = router::ThreadPast::Kind;
  const bool just_answer = decision.by_button && !decision.follows && decision.cause == "rule:answer-command";
  if (decision.question == store::QuestionState::no || just_answer) {
    return Kind::declined;
  }
  const bool stopped = decision.outcome == store::DecisionOutcome::over_budget;
  return decision.action == store::DecisionAction::dispatch && !stopped ? std::optional(Kind::dispatched)
                                                                        : std::nullopt;
}

/// Whether somebody has stopped it, or said that the secretary should have answered.
bool was_unwanted(store::Database& db, store::DecisionId decision) {
  const auto said = store::RoutingLog(db).verdicts(store::DispatchLog(db).asked(decision).id);
  return !said.empty() && said.back().verdict == store::Verdict::should_answer;
}

}  // namespace

std::optional<router::ThreadPast> thread_past(store::Database& db, const TurnPlace& place) {
  store::DispatchLog log(db);
  auto decisions = log.last_decisions(place.conversation.id, router::kThreadTurns);
  // More of them only where some are answers to a question, which is seldom.
  if (std::any_of(decisions.begin(), decisions.end(),
                  [](const store::RecentDecision& recent) { return recent.follows.has_value(); })) {
    decisions = log.last_decisions(place.conversation.id, 2 * router::kThreadTurns);
  }
  int turns = 0;
  for (const auto& decision : decisions) {
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(place.now - decision.said);
    if (since > router::kThreadTime || turns >= router::kThreadTurns) {
      return std::nullopt;
    }
    auto kind = kind_of(decision);
    if (kind == router::ThreadPast::Kind::dispatched && was_unwanted(db, decision.id)) {
      kind = router::ThreadPast::Kind::declined;
    }
    if (kind) {
      return router::ThreadPast{*kind, turns, since};
    }
    // The answer to a question is no turn of its own.
    turns += decision.follows ? 0 : 1;
  }
  return std::nullopt;
}

std::optional<router::BudgetUse> budget_use(const runtime::Budget& budget, store::Database& db,
                                            const TurnPlace& place) {
  store::Ledger ledger(db);
  const auto today = base::start_of_day(place.now, place.timezone);
  std::optional<router::BudgetUse> most;
  const auto consider = [&](const std::string& name, double usd, std::string (*called)(double),
                            double spent) {
    usd = std::max(usd, ledger.raised_to(name, place.now).value_or(0));
    const double share = usd > 0 ? spent / usd : 1;
    if (!most || share > most->share) {
      most = {share, called(usd)};
    }
  };
  if (budget.usd_per_day) {
    consider("day", *budget.usd_per_day, texts::day_budget, ledger.spent_since(today));
  }
  if (budget.usd_per_user_per_day) {
    consider(runs::user_budget_name(place.person), *budget.usd_per_user_per_day, texts::own_budget,
             ledger.spent_since(today, place.person));
  }
  const auto chat = place.conversation.section + ":" + place.conversation.room;
  if (const auto found = budget.chat_usd_per_day.find(chat); found != budget.chat_usd_per_day.end()) {
    consider(runs::chat_budget_name(chat), found->second, texts::chat_budget,
             ledger.spent_in_since(today, place.conversation.section, place.conversation.room));
  }
  return most;
}

bool is_used_up(const runtime::Budget& budget, store::Database& db, const TurnPlace& place) {
  if (const auto use = budget_use(budget, db, place); use && use->share >= 1) {
    return true;
  }
  if (!budget.usd_per_month) {
    return false;
  }
  store::Ledger ledger(db);
  const auto usd = std::max(*budget.usd_per_month, ledger.raised_to("month", place.now).value_or(0));
  return ledger.spent_since(runs::start_of_month(place.now, place.timezone)) >= usd;
}

router::MovedThresholds moved_thresholds(const router::Thresholds& thresholds, const runtime::Budget& budget,
                                         store::Database& db, const TurnPlace& place) {
  return router::move_thresholds(thresholds, thread_past(db, place), budget_use(budget, db, place));
}

}  // namespace bot::turns

#include "bot/turns/routing_outcomes.h"

#include "base/log.h"
#include "router/decision.h"
#include "router/scoring/judgement.h"
#include "store/log_view.h"

namespace bot::turns {

using store::DecisionAction;
using store::Verdict;

std::optional<bool> needed(const store::JudgedDecision& decision) {
  const auto verdict = decision.by_operator ? decision.by_operator : decision.by_person;
  if (verdict == Verdict::should_answer) {
    return false;
  }
  if (verdict == Verdict::should_dispatch) {
    return true;
  }
  if (decision.question == store::QuestionState::yes || decision.question == store::QuestionState::no) {
    return decision.question == store::QuestionState::yes;
  }
  if (verdict && decision.action == DecisionAction::dispatch) {
    return true;  // right, or right with a bad result
  }
  return verdict == Verdict::right && decision.action == DecisionAction::answer ? std::optional(false)
                                                                                : std::nullopt;
}

std::vector<router::Outcome> routing_outcomes(store::Database& db) {
  std::vector<router::Outcome> outcomes;
  for (const auto& decision : store::RoutingLog(db).judged_since({})) {
    const auto need = needed(decision);
    const auto logit = router::stored_logit(decision.signals);
    if (need && logit) {
      outcomes.push_back(
          {*logit, *need ? 1.0 : 0.0, 1, decision.chat, decision.by_operator ? "" : decision.person});
    }
  }
  return outcomes;
}

RoutingProjection project_routing(store::Database& db, double ask_at, double dispatch_at,
                                  base::Timestamp since) {
  RoutingProjection projection;
  std::size_t asked = 0;
  std::size_t dispatched = 0;
  for (const auto& decision : store::RoutingLog(db).judged_since(since)) {
    router::Thresholds thresholds;
    thresholds.ask_at = ask_at;
    thresholds.dispatch_at = dispatch_at;
    const auto action = router::decide(decision.p, thresholds, {.proposed = decision.proposed}).action;
    ++projection.n;
    asked += action == DecisionAction::ask ? 1 : 0;
    dispatched += action == DecisionAction::dispatch ? 1 : 0;
    const auto need = needed(decision);
    const bool mistake =
        need && action != DecisionAction::ask && *need != (action == DecisionAction::dispatch);
    projection.known_mistakes += mistake ? 1 : 0;
  }
  if (projection.n > 0) {
    const auto n = static_cast<double>(projection.n);
    projection.ask = static_cast<double>(asked) / n;
    projection.dispatch = static_cast<double>(dispatched) / n;
    projection.answer = 1 - projection.ask - projection.dispatch;
  }
  projection.usd = static_cast<double>(dispatched) * store::RoutingLog(db).usd_of_a_dispatch(since);
  return projection;
}

std::optional<std::string> learn_thresholds(router::RoutingPolicy& policy, store::Database& db,
                                            base::Timestamp now) {
  constexpr std::chrono::hours kMonth{24 * 30};
  if (!policy.needs_history()) {
    return std::nullopt;
  }
  router::RoutingHistory history;
  for (const auto& decision : store::RoutingLog(db).judged_since({})) {
    if (decision.at >= now - kMonth) {
      history.p.push_back(decision.p);
    }
    if (const auto need = needed(decision)) {
      history.labelled.push_back({decision.p, *need});
    }
  }
  return policy.learn(history);
}

std::shared_ptr<const runtime::Policy> policy_of(const runtime::Settings& settings) {
  auto policy = settings.policy;
  if (policy.routing.needs_history()) {
    store::Database db(settings.database);
    if (const auto missing = learn_thresholds(policy.routing, db, base::SystemClock().now())) {
      base::log_warning("{}", *missing);
    }
  }
  return std::make_shared<const runtime::Policy>(std::move(policy));
}

}  // namespace bot::turns

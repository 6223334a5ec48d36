#include "bot/turns/routing_outcomes.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "router/scoring/judgement.h"
#include "store/log_view.h"

namespace bot::turns {

using store::DecisionAction;
using store::Verdict;

namespace {

/// What follows from what a person did next is less certain than what they said.
constexpr double kWeightOfUse = 0.5;

std::optional<bool> needed_by(Verdict verdict, DecisionAction action) {
  switch (verdict) {
    case Verdict::should_answer:
      return false;
    case Verdict::should_dispatch:
      return true;
    case Verdict::right:
      return action == DecisionAction::ask ? std::nullopt : std::optional(action == DecisionAction::dispatch);
    case Verdict::bad_result:  // which says nothing of who else could have done better
      return action == DecisionAction::dispatch ? std::optional(true) : std::nullopt;
    case Verdict::withdrawn:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Label> label_by(const std::optional<store::JudgedDecision::Said>& said, DecisionAction action,
                              double weight) {
  const auto need = said ? needed_by(said->verdict, action) : std::nullopt;
  return need ? std::optional(Label{*need, weight, said->person, said->at}) : std::nullopt;
}

}  // namespace

std::optional<Label> label_of(const store::JudgedDecision& decision) {
  if (auto label = label_by(decision.by_operator, decision.action, 1)) {
    return label;
  }
  if (auto label = label_by(decision.by_person, decision.action, 1)) {
    return label;
  }
  if (decision.question == store::QuestionState::yes || decision.question == store::QuestionState::no) {
    return Label{decision.question == store::QuestionState::yes, 1, decision.person,
                 decision.answered.value_or(decision.at)};
  }
  return label_by(decision.by_use, decision.action, kWeightOfUse);
}

std::optional<bool> needed(const store::JudgedDecision& decision) {
  const auto label = label_of(decision);
  return label ? std::optional(label->needed) : std::nullopt;
}

std::vector<KnownOutcome> routing_outcomes(store::Database& db) {
  std::vector<KnownOutcome> outcomes;
  for (const auto& decision : store::RoutingLog(db).judged_since({})) {
    const auto label = label_of(decision);
    const auto logit = router::stored_logit(decision.signals);
    if (label && logit) {
      outcomes.push_back(
          {{*logit, label->needed ? 1.0 : 0.0, label->weight, decision.chat, label->person}, label->at});
    }
  }
  return outcomes;
}

bool is_of_secretary(const std::string& proposal) {
  return base::json_string(base::parse_json(proposal).value_or(nlohmann::json::object()), "confidence")
      .has_value();
}

std::optional<double> p_of(store::Database& db, const store::JudgementRecord& judgement) {
  const auto logit = router::stored_logit(judgement.signals);
  const auto version =
      base::json_text(base::parse_json(judgement.signals).value_or(nlohmann::json::object()), "calibration");
  const auto curve = store::RoutingLog(db).model(version);
  const auto calibration = curve ? router::Calibration::parse(*curve) : router::Calibration();
  if (!logit || !calibration || (version != "none" && !curve)) {
    return std::nullopt;
  }
  return router::logistic(calibration->apply(*logit, judgement.chat));
}

std::vector<PartOfP> parts_of_p(store::Database& db, const store::JudgementRecord& judgement) {
  store::RoutingLog log(db);
  const auto signals = base::parse_json(judgement.signals).value_or(nlohmann::json::object());
  const auto weights = log.model(base::json_text(signals, "weights"));
  const auto logit = router::stored_logit(judgement.signals);
  std::vector<PartOfP> parts;
  if (!weights || !logit) {
    return parts;
  }
  const auto real = [](router::Logit value) {
    return static_cast<double>(value) / static_cast<double>(router::kLogitOne);
  };
  const auto fusion = router::Scorer(*weights).fusion(base::json_text(signals, "situation"));
  double sum = 0;
  for (const auto& [name, value] : base::json_object(signals, "values").items()) {
    const auto weight = fusion.find(name);
    if (weight != fusion.end() && value.is_number_integer()) {
      parts.push_back({name, real(value.get<router::Logit>()) * real(weight->second)});
      sum += parts.back().logit;
    }
  }
  if (fusion.contains(router::kAskFrom)) {
    parts.push_back({"caution", real(*logit) - sum});
  }
  const auto curve = log.model(base::json_text(signals, "calibration"));
  if (const auto calibration = curve ? router::Calibration::parse(*curve) : std::nullopt) {
    parts.push_back({"calibration", real(calibration->apply(*logit, judgement.chat) - *logit)});
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const PartOfP& a, const PartOfP& b) { return std::abs(a.logit) > std::abs(b.logit); });
  return parts;
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
    // A certificate stands on what people said, not on what may have been meant.
    if (const auto label = label_of(decision); label && label->weight == 1) {
      history.labelled.push_back({decision.p, label->needed});
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

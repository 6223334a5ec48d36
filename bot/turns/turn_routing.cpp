#include "bot/turns/turn_routing.h"

#include "base/log.h"
#include "router/scorer.h"
#include "router/scoring/own_words.h"

namespace bot::turns {
namespace {

using Rule = router::RoutingPolicy::Rule;

router::SecretarySignal signal_of(const std::optional<router::Proposal>& proposal) {
  return {proposal ? std::optional(proposal->confidence) : std::nullopt};
}

/// The rule's decision in place of what p would have come to; `foreign` words dispatch nothing by themselves.
void follow(const router::RoutingPolicy::NamedRule& rule, bool proposed, bool foreign,
            router::Decision& decision) {
  using Action = router::Decision::Action;
  decision.cause = std::string("rule:") + rule.name;
  decision.reason = "the operator decided so for this chat or person";
  decision.action = !proposed || rule.rule == Rule::always_answer ? Action::answer
                    : rule.rule == Rule::always_ask || foreign    ? Action::ask
                                                                  : Action::dispatch;
}

}  // namespace

router::Calibration calibration_in_force(store::Database& db) {
  store::RoutingLog log(db);
  const auto version = log.calibration();
  const auto bytes = version ? log.model(*version) : std::nullopt;
  if (!bytes) {
    return {};
  }
  auto calibration = router::Calibration::parse(*bytes);
  if (!calibration) {
    base::log_error("the calibration {} cannot be read; p is not calibrated", *version);
    return {};
  }
  return *calibration;
}

TurnRouting::TurnRouting(runtime::Services& services, store::Database& db,
                         const store::Conversation& conversation, const store::Person& person,
                         const std::vector<store::Message>& context, const Said& said)
    : services_(services),
      db_(db),
      section_(conversation.section),
      chat_id_(conversation.chat_id),
      user_id_(person.user_id),
      thresholds_(services.policy()->routing.thresholds(section_, chat_id_, user_id_)),
      calibration_(calibration_in_force(db)) {
  const auto own = router::own_words(said.text);
  scored_.text = own.text;
  foreign_ = own.foreign || said.with_foreign_words;
  for (auto it = context.rbegin() + 1; it != context.rend(); ++it) {
    auto& before = it->author == store::Author::user ? scored_.user_before : scored_.assistant_before;
    if (before.empty()) {
      before = it->text;
    }
  }
  alone_ = judge(std::nullopt);
}

bool TurnRouting::is_shadow() const {
  return services_.policy()->routing.shadow();
}

router::Judgement TurnRouting::judge(const std::optional<router::SecretarySignal>& secretary) const {
  return router::judge(scored_, secretary, router::Scorer::built_in(), calibration_,
                       section_ + ":" + chat_id_);
}

bool TurnRouting::tool_is_of_use() const {
  const auto rule = services_.policy()->routing.rule(section_, chat_id_, user_id_);
  if (rule) {
    return rule->rule != Rule::always_answer;
  }
  const double most =
      is_shadow() ? router::highest_score() : judge(router::SecretarySignal{router::Confidence::high}).p;
  return thresholds_.ask_at <= most;
}

router::Decision TurnRouting::decide(const std::optional<router::Proposal>& proposal) {
  judged_ = judge(signal_of(proposal));
  const router::Circumstances circumstances{proposal.has_value(), foreign_};
  if (is_shadow()) {
    auto decision = router::decide(router::score(proposal), thresholds_, circumstances);
    decision.reason += "; by the secretary's confidence alone, since routing.shadow is on";
    if (decision.rule().empty()) {
      decision.cause = "shadow";
    }
    decision.p = judged_->p;
    return decision;
  }
  auto decision = router::decide(judged_->p, thresholds_, circumstances);
  if (const auto rule = services_.policy()->routing.rule(section_, chat_id_, user_id_)) {
    follow(*rule, circumstances.proposed, foreign_, decision);
  }
  return decision;
}

void TurnRouting::keep(store::DecisionId decision, const router::Decision& decided, base::Timestamp now) {
  const auto& judgement = judged_ ? *judged_ : alone_;
  store::RoutingLog log(db_);
  const auto& scorer = router::Scorer::built_in();
  if (!log.has_model(scorer.version())) {
    log.keep_model(scorer.version(), scorer.bytes(), now);
  }
  log.add(store::JudgementRecord{decision, to_json(judgement, scorer), router::pack(judgement.features),
                                 section_ + ":" + chat_id_, decided.thresholds.ask_from,
                                 decided.thresholds.dispatch_from});
}

}  // namespace bot::turns

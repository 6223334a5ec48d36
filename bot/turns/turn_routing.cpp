#include "bot/turns/turn_routing.h"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/runtime/calibration.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/moved_thresholds.h"
#include "router/scorer.h"
#include "router/scoring/own_words.h"

namespace bot::turns {
namespace {

using Rule = router::RoutingPolicy::Rule;

router::SecretarySignal signal_of(const std::optional<router::Proposal>& proposal,
                                  std::optional<double> logprob) {
  return {proposal ? std::optional(proposal->confidence) : std::nullopt, logprob};
}

}  // namespace

store::ThresholdOrigins origins_of(const router::Thresholds& thresholds) {
  return {thresholds.ask_from, thresholds.dispatch_from};
}

void follow_rule(const router::RoutingPolicy::NamedRule& rule, const router::Circumstances& circumstances,
                 router::Decision& decision) {
  using Action = router::Decision::Action;
  if (rule.rule == Rule::always_ask && !circumstances.proposed) {
    return;
  }
  decision.cause = std::string("rule:") + rule.name;
  decision.reason = "the operator decided so for this chat or person";
  decision.action = rule.rule == Rule::always_answer ? Action::answer
                    : rule.rule == Rule::always_ask  ? Action::ask
                                                     : Action::dispatch;
  if (rule.rule == Rule::always_dispatch && circumstances.foreign_text) {
    decision.action = Action::ask;
    decision.cause = "rule:foreign-text";
    decision.reason =
        "the operator gives everything here to the specialist, but the message holds words of others, which "
        "order nothing";
  }
}

router::Decision decide_in_shadow(double p, double by_confidence, const router::Thresholds& thresholds,
                                  const router::Circumstances& circumstances) {
  auto decision = router::decide(by_confidence, thresholds, circumstances);
  decision.reason = !circumstances.proposed
                        ? std::string("the secretary proposed nothing")
                        : fmt::format("confidence={:.2f}, ask_at={:.2f}, dispatch_at={:.2f}{}", by_confidence,
                                      thresholds.ask_at, thresholds.dispatch_at,
                                      decision.rule().empty()
                                          ? ""
                                          : ", but the message holds words of others, which order nothing");
  decision.reason += fmt::format(
      "; by the secretary's confidence alone, since routing.shadow is on: p={:.2f} is only kept", p);
  if (decision.rule().empty()) {
    decision.cause = "shadow";
  }
  decision.p = p;
  return decision;
}

TurnRouting::Terms TurnRouting::read_terms(runtime::Services& services, store::Database& db,
                                           const store::Conversation& conversation, store::PersonId person,
                                           const std::string& user_id) {
  const auto settings = services.policy();
  auto policy = with_console(settings->routing, db);
  auto thresholds = policy.thresholds(conversation.section, conversation.chat_id, user_id);
  Terms terms{std::move(policy), std::move(thresholds), {}, runtime::calibration_in_force(db)};
  if (!terms.policy.shadow()) {
    auto moved =
        moved_thresholds(terms.thresholds, settings->budget, db,
                         {conversation, person, services.clock.now(), services.settings.secretary.timezone});
    terms.thresholds = std::move(moved.thresholds);
    terms.moved = std::move(moved.why);
  }
  return terms;
}

TurnRouting::TurnRouting(runtime::Services& services, store::Database& db,
                         const store::Conversation& conversation, const store::Person& person,
                         const std::vector<store::Message>& context, const Said& said,
                         std::optional<Terms> terms)
    : db_(db),
      section_(conversation.section),
      chat_id_(conversation.chat_id),
      user_id_(person.user_id),
      terms_(terms ? *std::move(terms) : read_terms(services, db, conversation, person.id, person.user_id)) {
  const auto own = router::own_words(said.text);
  scored_.text = own.text;
  if (own.foreign || said.with_foreign_words) {
    others_ = texts::OthersWords::message;
  }
  for (auto it = context.rbegin() + 1; it != context.rend(); ++it) {
    auto& before = it->author == store::Author::user ? scored_.user_before : scored_.assistant_before;
    if (before.empty()) {
      before = it->text;
    }
  }
  alone_ = router::judge(scored_, std::nullopt, router::Scorer::built_in(), terms_.calibration, chat());
}

std::string TurnRouting::chat() const {
  return section_ + ":" + chat_id_;
}

bool TurnRouting::is_shadow() const {
  return terms_.policy.shadow();
}

router::Judgement TurnRouting::judge(const router::SecretarySignal& secretary) const {
  return router::judge_again(alone_, secretary, router::Scorer::built_in(), terms_.calibration, chat());
}

bool TurnRouting::tool_is_of_use() const {
  if (const auto rule = terms_.policy.rule(section_, chat_id_, user_id_)) {
    return rule->rule != Rule::always_answer;
  }
  const double most =
      is_shadow() ? router::highest_score() : judge(router::SecretarySignal{router::Confidence::high}).p;
  return terms_.thresholds.ask_at <= most;
}

bool TurnRouting::is_always_dispatched() const {
  const auto rule = terms_.policy.rule(section_, chat_id_, user_id_);
  return rule && rule->rule == Rule::always_dispatch;
}

router::Decision TurnRouting::decide(const std::optional<router::Proposal>& proposal,
                                     std::optional<double> logprob) {
  judged_ = judge(signal_of(proposal, logprob));
  return compare(proposal);
}

router::Decision TurnRouting::decide_alone() {
  judged_ = alone_;
  return compare(std::nullopt);
}

router::Decision TurnRouting::compare(const std::optional<router::Proposal>& proposal) {
  const router::Circumstances circumstances{proposal.has_value(), has_foreign_words()};
  auto decision =
      is_shadow() ? decide_in_shadow(judged_->p, router::score(proposal), terms_.thresholds, circumstances)
                  : router::decide(judged_->p, terms_.thresholds, circumstances);
  if (!terms_.moved.empty()) {
    decision.reason += "; " + terms_.moved;
  }
  if (pictures_ > 0) {
    decision.reason += fmt::format("; pictures that the model saw: {}", pictures_);
  }
  // What nobody proposed becomes a task first, where the operator wants it to be one.
  if (proposal || !is_always_dispatched()) {
    follow_operator(proposal.has_value(), decision);
  }
  return decision;
}

void TurnRouting::follow_operator(bool proposed, router::Decision& decision) const {
  if (const auto rule = terms_.policy.rule(section_, chat_id_, user_id_)) {
    follow_rule(*rule, {proposed, has_foreign_words()}, decision);
  }
}

void TurnRouting::keep(store::DecisionId decision, const router::Decision& decided, base::Timestamp now) {
  const auto& judgement = judged_ ? *judged_ : alone_;
  store::RoutingLog log(db_);
  const auto& scorer = router::Scorer::built_in();
  if (!log.has_model(scorer.version())) {
    log.keep_model(scorer.version(), scorer.bytes(), now);
  }
  auto signals = to_json(judgement, scorer);
  if (has_foreign_words()) {
    // What a projection must know, which decides with other thresholds.
    auto json = base::parse_json(signals).value_or(nlohmann::json::object());
    json["foreign"] = true;
    if (others_ == texts::OthersWords::tool) {
      json["foreign_by"] = "tool";
    }
    if (pictures_ > 0) {
      json["pictures"] = pictures_;
    }
    signals = base::dump_json(json);
  }
  log.add(store::JudgementRecord{decision, signals, router::pack(judgement.features), chat(),
                                 decided.thresholds.ask_from, decided.thresholds.dispatch_from,
                                 terms_.moved});
}

}  // namespace bot::turns

#include "bot/reporting/routed.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "bot/chat/commands.h"
#include "bot/runtime/calibration.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/moved_thresholds.h"
#include "bot/turns/turn_routing.h"
#include "router/scorer.h"
#include "router/scoring/own_words.h"
#include "store/people.h"

namespace bot::reporting {
namespace {

using nlohmann::json;

/// Of the constants for confidences, by what the secretary said; one that was not asked is taken to propose
/// with medium confidence.
double by_confidence(const std::optional<router::SecretarySignal>& secretary) {
  router::Proposal proposal;
  if (secretary && secretary->called) {
    proposal.confidence = *secretary->called;
  }
  return router::score(secretary && !secretary->called ? std::nullopt : std::optional(proposal));
}

/// By p and the thresholds, or the operator's rule.
void decide(const RouteQuestion& question, const router::Thresholds& thresholds, bool foreign,
            Routed& routed) {
  const auto& [section, chat, user] = question.place;
  const double p = routed.judgement.p;
  const auto rule = question.policy.rule(section, chat, user);
  const bool asks_about_all = rule && rule->rule == router::RoutingPolicy::Rule::always_ask;
  // Without asking it the secretary is taken to propose what it is asked about.
  routed.is_assumed = !routed.secretary && (!asks_about_all || p >= thresholds.ask_at);
  const bool proposed = routed.secretary ? routed.secretary->called.has_value() : routed.is_assumed;
  routed.shadow = question.policy.shadow();
  routed.decision = routed.shadow ? turns::decide_in_shadow(p, by_confidence(routed.secretary), thresholds,
                                                            {proposed, foreign})
                                  : router::decide(p, thresholds, {proposed, foreign});
  if (rule) {
    turns::follow_rule(*rule, {proposed, foreign}, routed.decision);
  }
}

/// What comes before p: a command, or a budget that is used up.
void apply_hard_rules(const RouteQuestion& question, bool is_used_up, Routed& routed) {
  using Action = router::Decision::Action;
  auto& decision = routed.decision;
  const auto set = [&](const char* name, Action action) {
    decision.cause = std::string("rule:") + name;
    decision.action = action;
  };
  if (const auto command = chat::parse_command(question.text)) {
    using Name = chat::Command::Name;
    if (command->name != Name::dispatch && command->name != Name::answer) {
      decision.action = Action::answer;  // by the program itself, whatever is used up
      decision.cause = "policy";
      return;
    }
    command->name == Name::dispatch ? set("dispatch-command", Action::dispatch)
                                    : set("answer-command", Action::answer);
  }
  if (is_used_up && (question.budget.stops_secretary || decision.action != Action::answer)) {
    set("budget", Action::answer);
  }
}

/// Whose turn it would be; what the log does not know yet has spent nothing.
turns::TurnPlace turn_place(store::Database& db, const RouteQuestion& question) {
  const auto& [section, chat, user] = question.place;
  const auto found = store::Conversations(db).find(section, chat);
  auto conversation = found.value_or(store::Conversation());
  if (!found) {
    conversation.section = section;
    conversation.chat_id = chat;
    conversation.room = chat.substr(0, chat.find('/'));
  }
  const auto person = store::People(db).find(section, user);
  return {conversation, person ? person->id : store::PersonId{}, base::SystemClock().now(),
          question.timezone};
}

json secretary_json(const router::SecretarySignal& signal) {
  json object = {{"called", signal.called.has_value()}};
  if (signal.called) {
    object["confidence"] = to_string(*signal.called);
  }
  if (signal.logprob) {
    object["logprob"] = *signal.logprob;
  }
  return object;
}

}  // namespace

Routed route(const RouteQuestion& question, store::Database* db) {
  const auto& [section, chat, user] = question.place;
  Routed routed;
  routed.secretary = question.secretary;
  const auto command = chat::parse_command(question.text);
  const auto own = router::own_words(command ? command->argument : question.text);
  routed.judgement = router::judge({own.text}, routed.secretary, router::Scorer::built_in(),
                                   db != nullptr ? runtime::calibration_in_force(*db) : router::Calibration(),
                                   chat.empty() ? "" : section + ":" + chat);
  auto thresholds = question.policy.thresholds(section, chat, user);
  bool is_used_up = false;
  if (db != nullptr) {
    routed.console = turns::console_text(*db);
    const auto at = turn_place(*db, question);
    is_used_up = turns::is_used_up(question.budget, *db, at);
    if (!question.policy.shadow()) {
      auto moved = turns::moved_thresholds(thresholds, question.budget, *db, at);
      thresholds = std::move(moved.thresholds);
      routed.moved = std::move(moved.why);
    }
  }
  decide(question, thresholds, own.foreign, routed);
  apply_hard_rules(question, is_used_up, routed);
  return routed;
}

bool stops_secretary(const RouteQuestion& question, store::Database& db) {
  return question.budget.stops_secretary && turns::is_used_up(question.budget, db, turn_place(db, question));
}

const char* assumption(bool shadow) {
  return shadow ? "the secretary proposes it with medium confidence" : "the secretary proposes it";
}

double shown_weight(router::Logit weight) {
  return static_cast<double>(weight) / static_cast<double>(router::kLogitOne);
}

json to_json(const Routed& routed) {
  const auto& [judgement, decision, secretary, moved, console, shadow, assumed] = routed;
  auto features = json::array();
  for (const auto& [word, weight] : router::weightiest_words(judgement, router::Scorer::built_in())) {
    features.push_back({{"name", word}, {"weight", shown_weight(weight)}});
  }
  const auto& t = decision.thresholds;
  json object = {{"p", decision.p},
                 {"action", to_string(decision.action)},
                 {"ask_at", t.ask_at},
                 {"ask_at_from", t.ask_from},
                 {"dispatch_at", t.dispatch_at},
                 {"dispatch_at_from", t.dispatch_from},
                 {"rule", decision.rule().empty() ? json(nullptr) : json(decision.rule())},
                 {"features", features},
                 {"calibration", judgement.calibration}};
  if (shadow) {
    object["shadow"] = true;
  }
  if (assumed) {
    object["assumed"] = assumption(shadow);
  }
  if (secretary) {
    object["secretary"] = secretary_json(*secretary);
  }
  if (!moved.empty()) {
    object["moved"] = moved;
  }
  return object;
}

}  // namespace bot::reporting

#include "bot/turns/why.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/chat/commands.h"
#include "bot/texts/why.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn.h"
#include "bot/turns/turn_routing.h"
#include "router/scorer.h"
#include "router/scoring/own_words.h"
#include "store/notes.h"

namespace bot::turns {
namespace {

using Secretary = texts::Why::Secretary;

/// Rules by which whoever wrote or clicked decides.
constexpr std::array kOrders = {"dispatch-command", "answer-command", "question-reply"};

/// What the log holds of how p came about.
void tell_judgement(const store::JudgementRecord& judgement, store::Database& db, texts::Why& why) {
  const auto signals = base::parse_json(judgement.signals).value_or(nlohmann::json::object());
  why.calibration = base::json_text(signals, "calibration");
  if (base::json_text(signals, "situation") == router::kScorerAlone) {
    why.secretary = Secretary::not_asked;
  } else if (why.secretary != Secretary::proposed) {
    why.secretary = Secretary::proposed_nothing;
  }
  why.p = p_of(db, judgement);
  constexpr std::size_t kWords = 4;
  for (const auto& word : base::json_list(signals, "words")) {
    if (why.words.size() < kWords) {
      why.words.push_back({base::json_text(word, "name"), base::json_number(word, "weight").value_or(0)});
    }
  }
}

/// The decision in which the p that `decision` is about came about: itself, or what it answers.
store::DecisionId judged_of(store::Database& db, const store::DecisionRecord& decision) {
  store::Conversations conversations(db);
  store::DispatchLog log(db);
  if (decision.follows) {
    return *decision.follows;
  }
  const auto& click = conversations.message(decision.message).button;
  const auto found = click ? conversations.find_button(*click) : std::nullopt;
  if (found && found->button.kind == store::ButtonKind::give) {
    return {found->button.ref};
  }
  if (found && found->button.kind == store::ButtonKind::just_answer) {
    return log.asked(log.dispatch({found->button.ref}).decision).id;
  }
  return decision.id;
}

/// What p would have been by the words of `/dispatch` alone; nothing where the message is none.
std::optional<double> p_of_words(store::Database& db, const store::DecisionRecord& decision) {
  store::Conversations conversations(db);
  const auto conversation = conversations.get(decision.conversation);
  const auto command = chat::parse_command(conversations.message(decision.message).text);
  if (!command || command->name != chat::Command::Name::dispatch) {
    return std::nullopt;
  }
  return router::judge({router::own_words(command->argument).text}, std::nullopt, router::Scorer::built_in(),
                       calibration_in_force(db), conversation.section + ":" + conversation.chat_id)
      .p;
}

}  // namespace

std::string why_text(runtime::Services& services, store::Database& db,
                     const store::DecisionRecord& decision) {
  texts::Why why;
  why.ask_at = decision.ask_at;
  why.dispatch_at = decision.dispatch_at;
  why.action = to_string(decision.action);
  if (decision.cause.starts_with("rule:")) {
    why.rule = decision.cause.substr(5);
  }
  why.shadow = decision.cause == "shadow";
  why.is_ordered = std::find(kOrders.begin(), kOrders.end(), why.rule) != kOrders.end();
  const auto conversation = store::Conversations(db).get(decision.conversation);
  const auto now = with_console(services.policy()->routing, db)
                       .thresholds(conversation.section, conversation.chat_id,
                                   store::People(db).get(decision.person).user_id);
  why.ask_from = now.ask_from;
  why.dispatch_from = now.dispatch_from;
  why.calibration = calibration_in_force(db).version();
  why.was_answered = decision.outcome != store::DecisionOutcome::failed &&
                     decision.outcome != store::DecisionOutcome::over_budget;
  const auto judged = judged_of(db, decision);
  const auto proposal = store::DispatchLog(db).decision(judged).proposal;
  if (is_of_secretary(proposal)) {
    why.confidence = to_string(router::proposal_from_json(proposal).confidence);
    why.secretary = Secretary::proposed;
  }
  const auto judgement = store::RoutingLog(db).judgement(judged);
  if (judgement) {
    tell_judgement(*judgement, db, why);
  } else if (why.is_ordered) {
    why.secretary = Secretary::not_asked;
    why.p = p_of_words(db, decision);
  } else if (decision.p != router::kDemanded && decision.p != router::kDeclined) {
    why.p = decision.p;  // by the words alone
  }
  if (judgement && judged == decision.id) {
    why.ask_from = judgement->ask_from;
    why.dispatch_from = judgement->dispatch_from;
    why.moved = judgement->adjustment;
  }
  for (auto& note : store::Notes(db).used_in(judged)) {
    why.notes.push_back({note.id.value, std::move(note.text).value_or("")});
  }
  return texts::why(why);
}

std::string Turn::why_text() {
  const auto decision = log_.last_decision(conversation_.id);
  return decision ? turns::why_text(services_, db_, *decision) : texts::kNothingDecided;
}

}  // namespace bot::turns

#include "bot/turns/why.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/runtime/calibration.h"
#include "bot/texts/tools.h"
#include "bot/texts/why.h"
#include "bot/tools/read_back.h"
#include "bot/turns/console_thresholds.h"
#include "bot/turns/replied_to.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn.h"
#include "bot/turns/turn_routing.h"
#include "store/notes.h"
#include "store/tool_calls.h"

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
  why.tool_told = base::json_text(signals, "foreign_by") == "tool";
  why.pictures = static_cast<int>(base::json_integer(signals, "pictures").value_or(0));
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

/// The decision about the message that this one is a reply to.
std::optional<store::DecisionRecord> decision_replied_to(store::Database& db, const store::Message& message) {
  constexpr int kLookedThrough = 200;
  const auto replied = replied_to(db, message);
  const auto target = replied && replied->message ? replied->message : message_quoted(db, message);
  if (!target) {
    return std::nullopt;
  }
  store::Conversations conversations(db);
  store::DispatchLog log(db);
  const auto said = conversations.message(*target);
  if (said.dispatch) {
    return log.decision(log.dispatch(*said.dispatch).decision);
  }
  const auto answered = store::Outbox(db).answered(said.id);
  const auto asked =
      answered.empty() ? std::nullopt : conversations.find_incoming(message.conversation, answered);
  if (auto decision = asked ? log.decision_about(asked->id) : std::nullopt) {
    return decision;
  }
  // What we said is about the last message before it that something was decided about.
  auto before = conversations.history(message.conversation, said.id, kLookedThrough);
  before.push_back(said);
  for (auto it = before.rbegin(); it != before.rend(); ++it) {
    if (it->dispatch) {
      return log.decision(log.dispatch(*it->dispatch).decision);
    }
    if (auto decision = log.decision_about(it->id)) {
      return decision;
    }
  }
  return std::nullopt;
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
  why.calibration = runtime::calibration_in_force(db).version();
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
  }
  if (!why.p) {
    why.p = decision.p;
  }
  if (auto origins = store::RoutingLog(db).origins(decision.id)) {
    why.ask_from = std::move(origins->ask_from);
    why.dispatch_from = std::move(origins->dispatch_from);
  }
  if (judgement && judged == decision.id) {
    why.moved = judgement->adjustment;
  }
  for (auto& note : store::Notes(db).used_in(judged)) {
    why.notes.push_back({note.id.value, std::move(note.text).value_or("")});
  }
  for (const auto& call : store::ToolCalls(db).of(store::DispatchLog(db).decision(judged).message)) {
    why.calls.push_back(
        {call.tool, call.server, tools::was_seen(call) ? texts::kDoneAndSeen : to_string(call.state)});
  }
  return texts::why(why);
}

std::string Turn::why_text() {
  auto decision = decision_replied_to(db_, message_);
  if (!decision) {
    decision = log_.last_decision(conversation_.id);
  }
  return decision ? turns::why_text(services_, db_, *decision) : texts::kNothingDecided;
}

}  // namespace bot::turns

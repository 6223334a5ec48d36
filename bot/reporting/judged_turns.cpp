#include "bot/reporting/judged_turns.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "router/decision.h"
#include "router/scoring/judgement.h"

namespace bot::reporting {

using store::DecisionAction;

namespace {

/// With more changes than this it is quicker to read everything.
constexpr std::size_t kFewChanges = 2000;

bool holds_foreign_words(const std::string& signals) {
  // Most do not, and a whole log is not taken apart to see it.
  return signals.find("\"foreign\"") != std::string::npos &&
         base::json_bool(base::parse_json(signals).value_or(nlohmann::json::object()), "foreign")
             .value_or(false);
}

JudgedTurn turn_of(const store::JudgedDecision& decision) {
  const bool is_foreign_text = decision.cause == "rule:foreign-text";
  // Of one whose texts were pruned the proposal is gone.
  const bool proposed = decision.proposed || router::stored_call(decision.signals);
  return {decision.decision, decision.at, decision.p, decision.action,
          // Of foreign text that nobody proposed anything about the operator's rule made a question.
          decision.cause.starts_with("rule:") && (!is_foreign_text || !proposed), proposed,
          is_foreign_text || holds_foreign_words(decision.signals), turns::needed(decision), 0, 0};
}

auto place_of(std::vector<JudgedTurn>& turns, store::DecisionId decision) {
  return std::lower_bound(
      turns.begin(), turns.end(), decision,
      [](const JudgedTurn& turn, store::DecisionId id) { return turn.decision.value < id.value; });
}

}  // namespace

nlohmann::json to_json(const RoutingProjection& p) {
  return {{"n", p.n},     {"answer", p.answer},
          {"ask", p.ask}, {"dispatch", p.dispatch},
          {"usd", p.usd}, {"known_mistakes", p.known_mistakes}};
}

DecisionAction action_at(const JudgedTurn& turn, double ask_at, double dispatch_at) {
  return turn.by_rule ? turn.action
                      : router::action_at(turn.p, ask_at, dispatch_at,
                                          {.proposed = turn.proposed, .foreign_text = turn.foreign});
}

bool is_mistake(const JudgedTurn& turn, DecisionAction action) {
  return turn.needed && action != DecisionAction::ask && *turn.needed != (action == DecisionAction::dispatch);
}

TurnsOf turns_of_scope(const std::string& scope) {
  const auto space = scope.find(' ');
  const auto id = space == std::string::npos ? "" : scope.substr(space + 1);
  return scope.starts_with("chat ") ? TurnsOf{.chat = id} : TurnsOf{.person = id};
}

std::uint32_t JudgedTurns::number_of(const std::string& name) {
  return numbers_.try_emplace(name, static_cast<std::uint32_t>(numbers_.size() + 1)).first->second;
}

template <typename See>
void JudgedTurns::each(base::Timestamp since, const TurnsOf& of, const See& see) const {
  const auto number = [&](const std::string& name) {
    const auto found = numbers_.find(name);
    return name.empty() || found == numbers_.end() ? 0 : found->second;
  };
  const auto chat = number(of.chat), person = number(of.person);
  const bool any_chat = of.chat.empty(), any_person = of.person.empty();
  for (const auto& turn : turns_) {
    if (turn.at >= since && (any_chat || turn.chat == chat) && (any_person || turn.person == person)) {
      see(turn);
    }
  }
}

void JudgedTurns::put(const store::JudgedDecision& decision) {
  auto turn = turn_of(decision);
  turn.chat = number_of(decision.chat);
  turn.person = number_of(decision.person);
  const auto place = place_of(turns_, turn.decision);
  if (place != turns_.end() && place->decision.value == turn.decision.value) {
    *place = turn;
  } else {
    turns_.insert(place, turn);
  }
  const auto label = turns::label_of(decision);
  const auto logit = label ? router::stored_logit(decision.signals) : std::nullopt;
  labelled_.erase(turn.decision);
  if (label && logit) {
    labelled_[turn.decision] = {turn, *logit, decision.chat, *label};
  }
}

void JudgedTurns::refresh(store::Database& db, base::Timestamp since) {
  store::RoutingLog log(db);
  // Before the reading: what changes during it is read again next time.
  const auto mark = log.mark();
  const auto changed =
      since_ && *since_ <= since ? log.changed_since(mark_) : std::vector<store::DecisionId>();
  if (!since_ || since < *since_ || changed.size() > kFewChanges) {
    turns_.clear();
    labelled_.clear();
    since_ = std::min(since, since_.value_or(since));
    for (const auto& decision : log.judged_since(*since_)) {
      put(decision);
    }
  } else {
    for (const auto id : changed) {
      if (const auto decision = log.judged(id); decision && decision->at >= *since_) {
        put(*decision);
      }
    }
  }
  mark_ = mark;
}

std::vector<JudgedTurn> JudgedTurns::since(base::Timestamp since, const TurnsOf& of) const {
  std::vector<JudgedTurn> wanted;
  each(since, of, [&](const JudgedTurn& turn) { wanted.push_back(turn); });
  return wanted;
}

std::vector<JudgedTurns::Labelled> JudgedTurns::labelled(base::Timestamp since) const {
  std::vector<Labelled> wanted;
  for (const auto& [id, labelled] : labelled_) {
    if (labelled.turn.at >= since) {
      wanted.push_back(labelled);
    }
  }
  return wanted;
}

RoutingProjection JudgedTurns::project(double ask_at, double dispatch_at, base::Timestamp since,
                                       double usd_of_a_dispatch, const TurnsOf& of) const {
  RoutingProjection projection;
  std::size_t asked = 0;
  std::size_t dispatched = 0;
  each(since, of, [&](const JudgedTurn& turn) {
    const auto action = action_at(turn, ask_at, dispatch_at);
    ++projection.n;
    asked += action == DecisionAction::ask ? 1 : 0;
    dispatched += action == DecisionAction::dispatch ? 1 : 0;
    projection.known_mistakes += is_mistake(turn, action) ? 1 : 0;
  });
  if (projection.n > 0) {
    const auto n = static_cast<double>(projection.n);
    projection.ask = static_cast<double>(asked) / n;
    projection.dispatch = static_cast<double>(dispatched) / n;
    projection.answer = static_cast<double>(projection.n - asked - dispatched) / n;
  }
  projection.usd = static_cast<double>(dispatched) * usd_of_a_dispatch;
  return projection;
}

RoutingProjection project_routing(store::Database& db, double ask_at, double dispatch_at,
                                  base::Timestamp since, const TurnsOf& of) {
  JudgedTurns turns;
  return project_routing(turns, db, ask_at, dispatch_at, since, of);
}

RoutingProjection project_routing(JudgedTurns& turns, store::Database& db, double ask_at, double dispatch_at,
                                  base::Timestamp since, const TurnsOf& of) {
  turns.refresh(db, since);
  return turns.project(ask_at, dispatch_at, since, store::RoutingLog(db).usd_of_a_dispatch(since), of);
}

}  // namespace bot::reporting

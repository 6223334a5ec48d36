#include "bot/texts/why.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/turns/turn.h"

namespace bot::turns {

std::string Turn::why_text() {
  const auto decision = log_.last_decision(conversation_.id);
  if (!decision) {
    return texts::kNothingDecided;
  }
  texts::Why why;
  why.p = decision->p;
  why.ask_at = decision->ask_at;
  why.dispatch_at = decision->dispatch_at;
  why.action = to_string(decision->action);
  if (decision->cause.starts_with("rule:")) {
    why.rule = decision->cause.substr(5);
  }
  const auto now = thresholds();
  why.ask_from = now.ask_from;
  why.dispatch_from = now.dispatch_from;
  why.calibration = calibration_in_force(db_).version();
  why.was_answered = decision->outcome != store::DecisionOutcome::failed &&
                     decision->outcome != store::DecisionOutcome::over_budget;
  why.was_asked = why.was_answered && why.rule != "dispatch-command" && why.rule != "question-reply" &&
                  why.rule != "give-button" && why.rule != "just-answer-button";
  if (!decision->proposal.empty()) {
    why.confidence = to_string(router::proposal_from_json(decision->proposal).confidence);
  }
  if (const auto judgement = store::RoutingLog(db_).judgement(decision->id)) {
    why.ask_from = judgement->ask_from;
    why.dispatch_from = judgement->dispatch_from;
    why.moved = judgement->adjustment;
    const auto signals = base::parse_json(judgement->signals).value_or(nlohmann::json::object());
    why.calibration = base::json_text(signals, "calibration");
    constexpr std::size_t kWords = 4;
    for (const auto& word : base::json_list(signals, "words")) {
      if (why.words.size() < kWords) {
        why.words.push_back({base::json_text(word, "name"), base::json_number(word, "weight").value_or(0)});
      }
    }
  }
  return texts::why(why);
}

}  // namespace bot::turns

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/states.h"

namespace router {

enum class Confidence { low, medium, high };
/// "low", "medium" or "high"; nothing for any other text.
std::optional<Confidence> parse_confidence(std::string_view text);

/// What the secretary wants the specialist to do: a call of its `dispatch` tool. It decides nothing.
struct Proposal {
  store::DispatchAction action = store::DispatchAction::run;
  std::string slug;  ///< as the model wrote it
  std::string description;
  std::string prompt;
  Confidence confidence = Confidence::medium;
  std::string reason;
  std::string specialist = {};  ///< which of several; empty: whichever is usual
};

/// The proposal as one line of JSON, for the log, and back.
std::string to_json(const Proposal& proposal);
Proposal proposal_from_json(const std::string& json);

/// From which probability on the bot asks, and from which on it dispatches without asking.
struct Thresholds {
  double ask_at = 0.35;
  double dispatch_at = 0.75;
  std::string layer = "global";  ///< the narrowest setting that took part: "global", "chat tg:1", "user tg:2"
};

/// What happens to a turn, and why.
struct Decision {
  using Action = store::DecisionAction;
  Action action = Action::answer;
  double p = 0;  ///< the probability that the turn needs the specialist; 0 < p < 1
  Thresholds thresholds;
  std::string cause = "policy";  ///< or "rule:<name>" where a hard rule came first
  std::string reason;
  /// The answer carries a button that gives the turn to the specialist after all.
  bool offer_specialist = false;
};

/// Compares p with the thresholds; pure. Without a proposal nothing is asked or dispatched.
Decision decide(const std::optional<Proposal>& proposal, double p, const Thresholds& thresholds);

}  // namespace router

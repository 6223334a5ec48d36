#pragma once

#include <optional>
#include <string>

namespace router {

enum class Confidence { low, medium, high };

/// What the secretary wants the specialist to do: a call of its `dispatch` tool. It decides nothing.
struct Proposal {
  std::string action;  ///< run | resume | review
  std::string slug;    ///< as the model wrote it
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
  enum class Action { answer, ask, dispatch };
  Action action = Action::answer;
  double p = 0;  ///< the probability that the turn needs the specialist; 0 < p < 1
  Thresholds thresholds;
  std::string cause = "policy";  ///< or "rule:<name>" where a hard rule came first
  std::string reason;
  /// The answer carries a button that gives the turn to the specialist after all.
  bool offer_specialist = false;
};
std::string to_string(Decision::Action action);

/// Compares p with the thresholds; pure. Without a proposal nothing is asked or dispatched.
Decision decide(const std::optional<Proposal>& proposal, double p, const Thresholds& thresholds);

}  // namespace router

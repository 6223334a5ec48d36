#pragma once

#include <optional>
#include <string>
#include <vector>

#include "router/scoring/signals.h"
#include "store/states.h"

namespace router {

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

/// The proposal as one line of JSON, for the log, and back; with what was proposed beside it.
std::string to_json(const Proposal& proposal, const std::vector<Proposal>& further = {});
Proposal proposal_from_json(const std::string& json);
std::vector<Proposal> further_from_json(const std::string& json);

/// From which probability on the bot asks, and from which on it dispatches without asking.
struct Thresholds {
  double ask_at = 0.35;
  double dispatch_at = 0.75;
  std::string layer = "global";  ///< the narrowest setting that took part: "global", "chat tg:1", "user tg:2"
  /// Where each comes from: default, global, chat, user, prices, certified, rate, budget, thread or console.
  std::string ask_from = "default";
  std::string dispatch_from = "default";
};

/// What happens to a turn, and why.
///
/// Every decision compares p with the thresholds; what is not p itself comes in as circumstances, each with a
/// name of its own in `cause`.
struct Decision {
  using Action = store::DecisionAction;
  Action action = Action::answer;
  double p = 0;  ///< the probability that the turn needs the specialist; 0 < p < 1
  Thresholds thresholds;
  std::string cause = "policy";  ///< or "rule:<name>" where a hard rule came first
  std::string reason;
  /// The answer carries a button that gives the turn to the specialist after all.
  bool offer_specialist = false;

  /// The name of the hard rule, empty where p and the thresholds decided.
  std::string rule() const;
};

/// What else is known when p is compared with the thresholds.
struct Circumstances {
  /// There is something to dispatch; without it nothing is asked or dispatched.
  bool proposed = false;
  /// The message holds words of others, or a tool's text came into the turn: rule `foreign-text`, at most
  /// *ask*.
  bool foreign_text = false;
};

/// What p comes to between two thresholds; pure.
Decision::Action action_at(double p, double ask_at, double dispatch_at, const Circumstances& circumstances);

/// The same as a decision that says why; pure.
Decision decide(double p, const Thresholds& thresholds, const Circumstances& circumstances);

}  // namespace router

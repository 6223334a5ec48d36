#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/runtime/settings.h"
#include "router/routing_policy.h"
#include "router/scoring/calibration.h"
#include "store/database.h"
#include "store/routing_log.h"

namespace bot::turns {

/// Whether a turn needed the specialist, by the operator's verdict, else by what the person said or answered;
/// nothing where that does not show.
std::optional<bool> needed(const store::JudgedDecision& decision);

/// What a calibration is fitted to.
std::vector<router::Outcome> routing_outcomes(store::Database& db);

/// What past turns would have come to at other thresholds.
struct RoutingProjection {
  std::size_t n = 0;  ///< turns
  double answer = 0;  ///< shares, 0 to 1
  double ask = 0;
  double dispatch = 0;
  double usd = 0;                  ///< for the dispatches, at what one cost on average
  std::size_t known_mistakes = 0;  ///< answered though needed, or dispatched though not
};
RoutingProjection project_routing(store::Database& db, double ask_at, double dispatch_at,
                                  base::Timestamp since);

/// Sets the thresholds that follow from the log, where the operator asked for that. Returns a sentence for
/// the operator where there is too little in the log.
std::optional<std::string> learn_thresholds(router::RoutingPolicy& policy, store::Database& db,
                                            base::Timestamp now);

/// The operator's policy, with the thresholds that follow from the log; the log of the program says what is
/// missing.
std::shared_ptr<const runtime::Policy> policy_of(const runtime::Settings& settings);

}  // namespace bot::turns

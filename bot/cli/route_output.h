#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "router/decision.h"
#include "router/scoring/judgement.h"

namespace bot::cli {

/// What would happen to a message, and why.
struct Routed {
  router::Judgement judgement;
  router::Decision decision;
  std::optional<router::SecretarySignal> secretary;  ///< where it was asked
  std::string moved;                                 ///< why the thresholds are not those of the settings
  std::string console;                               ///< what is set there, a line a scope
  bool shadow = false;                               ///< the secretary's confidence alone decides
  bool is_assumed = false;  ///< a secretary that was not asked is taken to propose it
};

/// For people, or as one JSON object.
void print_route(const Routed& routed, bool as_json, std::ostream& out);

}  // namespace bot::cli

#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bot/runtime/settings.h"
#include "router/decision.h"
#include "router/routing_policy.h"
#include "router/scoring/judgement.h"
#include "store/database.h"

namespace bot::reporting {

/// Where a message would be written, and by whom; what is not known is empty.
struct RoutedPlace {
  std::string section, chat, user;
};

/// What `frontdesk route` and the console's "try it" are asked.
struct RouteQuestion {
  std::string text;
  RoutedPlace place;
  router::RoutingPolicy policy;  ///< as a serve has it
  runtime::Budget budget;
  std::string timezone;                                   ///< in it a day of the budget begins
  std::optional<router::SecretarySignal> secretary = {};  ///< where it was asked
};

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

/// Runs nothing. `db`: where there is one; without it nothing was said or spent yet.
Routed route(const RouteQuestion& question, store::Database* db);

/// Whether a budget that is used up would stop the secretary's model for that message.
bool stops_secretary(const RouteQuestion& question, store::Database& db);

/// What is taken for granted of a secretary that was not asked.
const char* assumption(bool shadow);

/// A word's weight, in log-odds.
double shown_weight(router::Logit weight);

/// As `frontdesk route --json` prints it and the API answers it.
nlohmann::json to_json(const Routed& routed);

}  // namespace bot::reporting

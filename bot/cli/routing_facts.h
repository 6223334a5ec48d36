#pragma once

#include <string>

#include "router/evaluation/evaluation.h"

namespace bot::cli {

/// What `route` and `eval` must know of settings that a shell does not check, since a shell may lack the
/// secrets in them.
struct RoutingFacts {
  std::string timezone;          ///< of the secretary: in it a day of the budget begins and ends
  bool is_demo = false;          ///< the demo model is configured, whose scripted confidence decides
  bool lacks_key = false;        ///< with this shell's environment a serve would run the demo model, too
  router::MistakePrices prices;  ///< of [routing.prices], where it is there
};

/// Throws base::ConfigError.
RoutingFacts read_routing_facts(const std::string& config_flag);

}  // namespace bot::cli

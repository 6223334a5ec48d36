#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/console/api.h"

namespace bot::console {

/// GET /inbox: all that waits for a person, and POST /inbox/{kind}/{id}, which does one of its actions.
std::vector<Route> inbox_routes();

/// How many there are of each kind.
nlohmann::json inbox_counts(const Call& call);

}  // namespace bot::console

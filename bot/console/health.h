#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// GET /health and POST /health/check: the checks of `frontdesk doctor`, in a thread of their own.
std::vector<Route> health_routes();

}  // namespace bot::console

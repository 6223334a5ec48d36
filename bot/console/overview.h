#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// GET /overview: what goes on now, and the numbers of the day.
std::vector<Route> overview_routes();

}  // namespace bot::console

#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// Tables over the log: the review queue, sums, requests for approval, a search, what people changed.
std::vector<Route> log_table_routes();

}  // namespace bot::console

#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// The hash chain of the log: its head, and a check of all of it, which runs in a thread of its own.
std::vector<Route> chain_routes();

}  // namespace bot::console

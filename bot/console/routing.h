#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// Thresholds: what they are, setting and dropping them, what others would have come to; how p is distributed
/// and how well it fits.
std::vector<Route> routing_routes();

/// The settings of a chat or person, each with where it comes from.
std::vector<Route> effective_routes();

/// What would happen to a message, and why.
std::vector<Route> try_routes();

/// What was spent against the budgets, and what was saved.
std::vector<Route> spending_routes();

}  // namespace bot::console

#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// What an operator orders about a decision: run it again, go on with it, stop it. As the chat's buttons do,
/// in the conversation and for the person of the decision; the log names who ordered it.
std::vector<Route> log_action_routes();

}  // namespace bot::console

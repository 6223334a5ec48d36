#pragma once

#include <vector>

#include "bot/console/api.h"
#include "store/log_view.h"

namespace bot::console {

/// The dispatch log: the list of decisions, one of them with everything about it, verdicts, exports.
std::vector<Route> decision_routes();

/// The decision that a path names, by any id that the outside knows. Throws Refusal 404.
store::LogRow decision_of(const Call& call);

}  // namespace bot::console

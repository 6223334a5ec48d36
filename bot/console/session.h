#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// Who is signed in: /me, /logout, /sessions.
std::vector<Route> session_routes();

}  // namespace bot::console

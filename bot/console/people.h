#pragma once

#include <vector>

#include "bot/console/api.h"

namespace bot::console {

/// GET /people, PUT /people/{person}, POST /people/{person}/erase, GET /pairing and POST /pairing/{person}.
std::vector<Route> people_routes();

}  // namespace bot::console

#pragma once

#include <ostream>

#include "bot/reporting/routed.h"

namespace bot::cli {

/// For people, or as one JSON object.
void print_route(const reporting::Routed& routed, bool as_json, std::ostream& out);

}  // namespace bot::cli

#pragma once

#include <string>

#include "base/clock.h"
#include "store/database.h"

namespace bot::doctor {

/// What the operator is to know of the deaths of the program by its own fault in the last seven days, for
/// `frontdesk doctor`; empty where there was none. Times in that zone.
std::string crash_lines(store::Database& db, base::Timestamp now, const std::string& timezone);

}  // namespace bot::doctor

#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "store/database.h"

namespace bot::runs {

/// Carries out a write that may not be lost, the end of a run, as often as it takes: where it fails the
/// reserve beside the database is given up, and then it is tried again every second. `write` makes its own
/// transaction and can be repeated; `what` is for the log. Throws what it threw last once `stop` is
/// requested.
void write_the_end(store::Database& db, const std::string& what, const std::stop_token& stop,
                   const std::function<void()>& write);

/// Takes the reserve that write_the_end() gives up, where there is room for it; else says so in the log.
void hold_reserve(const store::Database& db);

}  // namespace bot::runs

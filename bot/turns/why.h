#pragma once

#include <string>

#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::turns {

/// What /why tells of a decision, Markdown: p, the thresholds with where each comes from, the rule or the
/// weightiest words. Thread rule: that of the Database.
std::string why_text(runtime::Services& services, store::Database& db, const store::DecisionRecord& decision);

}  // namespace bot::turns

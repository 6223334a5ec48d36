#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "bot/runtime/settings.h"
#include "store/database.h"
#include "store/operations_view.h"

namespace bot::reporting {

// People as JSON, as `frontdesk people list --json` prints them and the API answers them. Thread rule: that
// of the Database.

/// Since when what people cost is added up: the first of the month.
base::Timestamp cost_since(base::Timestamp now, const std::string& timezone);

/// The keys of the configuration by which that person may write, such as "chat.tg.allow"; that everybody may
/// is none.
std::vector<std::string> keys_that_admit(const runtime::Access& access, const std::string& section,
                                         const std::string& user_id);

nlohmann::json person_json(store::Database& db, const runtime::Policy& policy,
                           const store::OperationsView::Known& person);

}  // namespace bot::reporting

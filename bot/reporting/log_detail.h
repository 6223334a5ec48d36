#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "store/database.h"
#include "store/log_view.h"

namespace bot::reporting {

// Everything about one decision, for `frontdesk log show --json` and the API alike. Thread rule: that of the
// Database.

/// The decision of "42", the one behind the dispatch "d-17", or the last one about a message or a call that
/// the outside knows by that id, alone or as "section:id"; nothing where there is none.
std::optional<store::DecisionId> decision_of_id(store::Database& db, const std::string& id);

/// The item of to_json() with message, proposal, signals, score, rule, task, timeline, approvals, result,
/// deliveries, cost, verdicts, the dispatch, and what of that is recorded, inferred or unknown. `projects` is
/// the folder of the projects, where the specialists' steps are.
nlohmann::json detail_json(store::Database& db, const store::LogRow& row,
                           const std::filesystem::path& projects);

/// The unified diffs of that file in the dispatch of the decision, one after the other; empty where none was
/// recorded.
std::string recorded_diff(store::Database& db, const store::LogRow& row,
                          const std::filesystem::path& projects, const std::string& path);

}  // namespace bot::reporting

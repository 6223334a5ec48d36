#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/log_view.h"
#include "store/people.h"

namespace bot::reporting {

// The log as JSON, as `frontdesk log … --json` prints it and the API answers it. Thread rule: that of the
// Database.

/// Where a threshold of the row comes from. What a rule decided, or lost its words, has no judgement beside
/// it that says so: then that of the layer, "chat" of "chat tg:1".
std::string origin_of(const std::string& recorded, const store::LogRow& row);

/// "section:user id".
std::string user_of(const store::Person& person);

/// The members of one decision, as the lists and exports have them.
nlohmann::json to_json(const store::LogRow& row);

/// Why it came to that outcome, in words: what was refused, what went wrong; empty where nothing did.
std::string cause_of(const store::LogRow& row);
/// The name of the hard rule that decided, or null.
nlohmann::json rule_of(const store::LogRow& row);

// Lists of one decision's details.

nlohmann::json costs_json(const std::vector<store::CostRow>& costs);
nlohmann::json deliveries_json(const std::vector<store::DeliveryRow>& deliveries);
/// Those of the question that it is the answer to are among them.
nlohmann::json verdicts_json(store::Database& db, store::DecisionId decision);
/// Empty without a dispatch.
nlohmann::json approvals_json(store::Database& db, const std::optional<store::DispatchRecord>& dispatch);

}  // namespace bot::reporting

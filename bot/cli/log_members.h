#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/cli/log_reading.h"
#include "store/dispatch_log.h"
#include "store/people.h"

namespace bot::cli {

/// "section:user id".
std::string user_of(const store::Person& person);

// Lists of `log show --json`, with the names of the API's GET decisions/{id}. Thread rule: that of the
// Database.

nlohmann::json costs_json(const std::vector<store::CostRow>& costs);
nlohmann::json deliveries_json(const std::vector<store::DeliveryRow>& deliveries);
nlohmann::json verdicts_json(OpenLog& log, store::DecisionId decision);
/// Empty without a dispatch.
nlohmann::json approvals_json(OpenLog& log, const std::optional<store::DispatchRecord>& dispatch);

}  // namespace bot::cli

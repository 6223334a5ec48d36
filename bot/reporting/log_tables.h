#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "store/approval_list.h"
#include "store/database.h"
#include "store/log_sums.h"

namespace bot::reporting {

// Tables over the log, for `frontdesk log summary`, `approvals` and `review` and the API alike. Thread rule:
// that of the Database.

/// A line for each "person" (also "user"), "chat", "project" or "day" in `zone`, days in their order.
std::vector<store::LogSum> summary_of(store::Database& db, const store::LogFilter& filter,
                                      const std::string& by, const std::string& zone);
/// Over all lines.
store::LogSum total_of(const std::vector<store::LogSum>& sums);
nlohmann::json to_json(const store::LogSum& sum);

nlohmann::json to_json(const store::ListedApproval& listed);

/// What specialists asked for and calls of tools that were asked about, newest first.
struct Asked {
  std::vector<nlohmann::json> items;
  std::string next;  ///< the cursor of what comes behind them; empty where nothing does
};
/// At most `limit` of those that fit, behind the cursor of a page before; 0: all.
Asked asked_list(store::Database& db, store::ApprovalFilter filter, const std::string& cursor, int limit);

}  // namespace bot::reporting

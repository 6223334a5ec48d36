#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/approvals.h"
#include "store/database.h"
#include "store/log_view.h"

namespace store {

/// Which requests for approval are wanted.
struct ApprovalFilter {
  std::vector<std::string> words;  ///< all of them in the tool, what was asked, the answer or the comment
  std::optional<base::Timestamp> since, until;  ///< when it was asked; `until` does not count
  std::optional<ApprovalState> state;
  LogFilter decisions = {};           ///< of whose runs; its times and order are left out
  int limit = 0;                      ///< 0: all
  std::optional<std::int64_t> below;  ///< only with a lower id
};

/// A request with what it belongs to.
struct ListedApproval {
  Approval approval;
  DecisionId decision;
  std::string chat;     ///< "section:chat id"
  std::string user;     ///< for whom the run works, "section:user id"
  std::string project;  ///< slug
  std::string by;       ///< who settled it, "section:user id"; may be empty
};

/// Newest first. Thread rule: that of the Database.
std::vector<ListedApproval> list_approvals(Database& db, const ApprovalFilter& filter);

}  // namespace store

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/approvals.h"
#include "store/database.h"
#include "store/log_view.h"
#include "store/tool_calls.h"

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

/// A call of the secretary's tools that a person was asked about, with what it belongs to.
struct ListedCall {
  ToolCallRecord call;
  std::optional<DecisionId> decision;  ///< nothing while its turn goes on
  std::string chat;                    ///< "section:chat id"
  std::string user;                    ///< who was asked, "section:user id"
  std::string by;                      ///< who answered, "section:user id"; may be empty
};

/// What was said to a call, in the words of approvals.
ApprovalState answer_to(ToolCallState state);

/// The calls that fit, newest first; `below` is of their ids, and a project is of none of them. Thread rule:
/// that of the Database.
std::vector<ListedCall> list_asked_calls(Database& db, const ApprovalFilter& filter);

/// Newest first. Thread rule: that of the Database.
std::vector<ListedApproval> list_approvals(Database& db, const ApprovalFilter& filter);

}  // namespace store

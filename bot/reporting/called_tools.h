#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/reporting/log_steps.h"
#include "store/approval_list.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/tool_calls.h"

namespace bot::reporting {

// Calls of the secretary's tools by MCP, as the log shows them. Thread rule: that of the Database.

/// Those of the turn that led to the decision, in their order.
std::vector<store::ToolCallRecord> calls_of(store::Database& db, store::DecisionId decision);

/// With what of each is recorded, what only follows from the tool's word, and what nobody knows.
nlohmann::json calls_json(store::Database& db, const std::vector<store::ToolCallRecord>& calls);

/// One each for the timeline.
std::vector<Step> steps_of_calls(store::Database& db, const std::vector<store::ToolCallRecord>& calls);

/// What the program knows of the calls' effects, for the lists of what is inferred and unknown.
struct CallsKnown {
  bool inferred = false;  ///< a success, which is the tool's word alone
  bool unknown = false;   ///< one was cut, or its words were taken out
};
CallsKnown known_of(const std::vector<store::ToolCallRecord>& calls);

/// "done, and seen afterwards"; "failed".
std::string state_text(const store::ToolCallRecord& call);
/// What was different after it, as lines; empty where nothing was read.
std::string read_back_text(const store::ToolCallRecord& call);

/// How long it took; nothing: it was not made, or is being made.
std::optional<std::chrono::milliseconds> time_taken(const store::ToolCallRecord& call);

/// A call that a person was asked about, with the members of an approval: `state` says what was said to it,
/// `outcome` what came of it.
nlohmann::json to_json(const store::ListedCall& listed);

}  // namespace bot::reporting

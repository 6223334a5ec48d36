#pragma once

#include <stop_token>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "bot/tools/server.h"
#include "store/database.h"
#include "store/tool_calls.h"

namespace bot::tools {

/// What its server shows of the things that a call names.
struct Concern {
  std::string tool;      ///< that read it
  std::string lines;     ///< empty where nothing was found
  bool repeats = false;  ///< one has more dates than the one that is shown
  base::Timestamp read = {};
};

/// Looks for it in what the turn has read, and else reads it: by a tool that fits by its arguments, or as it
/// was read in a turn before. A few lines for each thing. Throws base::Stopped. Thread rule: that of the
/// Database.
Concern concern_of(store::Database& db, Server& server, const Offer& offer, const store::ToolCallRecord& call,
                   base::Timestamp now, const std::string& timezone, const std::stop_token& stop);

/// Whether a call and a reading look in the same place, as far as their arguments say: numbers begin anew in
/// each mailbox. The texts that both tools take are the same for both, be it by their defaults.
bool is_of_same_place(const llm::mcp::Tool& reading, const nlohmann::json& given,
                      const llm::mcp::Tool& called, const nlohmann::json& arguments);

// As it is kept with the call: empty where nothing was found.
std::string to_json(const Concern& concern);
Concern concern_from(const std::string& kept);

}  // namespace bot::tools

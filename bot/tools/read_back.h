#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/runtime/tool_server_settings.h"
#include "bot/tools/server.h"
#include "store/tool_calls.h"
#include "store/tool_looks.h"

namespace bot::tools {

/// The tool's words and what was read, as the model is told them.
std::string for_model(const CallOutcome& outcome);

// As it is kept with the call.
std::string to_json(const Seen& seen);
/// Nothing where nothing was read.
std::optional<Seen> seen_from(const std::string& kept);

/// Whether a reading shows what the call did. One that only fits by its names and shows the same as before
/// shows nothing.
bool was_seen(const store::ToolCallRecord& call);

/// Whether the program may call the tool by itself to look: it is in `allow`, only reads, and is as it was
/// accepted.
bool may_read(store::ToolLooks& looks, const Server& server, const llm::mcp::Tool& tool);

/// What is read before and after a call that changes something, so that the person is told what is there, and
/// not only what the tool says (decision 0024). Thread rule: that of the Database.
class ReadBack {
 public:
  /// Finds what to read; nothing for a call that only reads. All must outlive it.
  ReadBack(store::Database& db, Server& server, const Offer& offer, const store::ToolCallRecord& call,
           std::string zone);

  /// Before the call, and after it. Throw base::Stopped.
  void before(const std::stop_token& stop);
  std::optional<Seen> after(const std::stop_token& stop);

 private:
  struct Reading {
    const llm::mcp::Tool* tool;
    std::string arguments;
    bool is_guess = false;
    std::optional<std::string> before = {};  ///< nothing where it failed
  };

  void find_configured();
  void find_before_in_chat();
  void find_fitting();
  /// Whether it showed that what the call names has more dates than one.
  bool repeats(const Reading& reading) const;
  std::optional<std::string> read(const Reading& reading, const std::stop_token& stop);

  store::ToolCalls calls_;
  store::ToolLooks looks_;
  Server& server_;
  const Offer& offer_;
  const store::ToolCallRecord& call_;
  const std::string timezone_;
  std::vector<Reading> readings_;
};

/// Makes the call, and reads before and after it where it changes something. Throws base::Stopped.
CallOutcome call_and_look(store::Database& db, Server& server, const Offer& offer, const llm::mcp::Tool& tool,
                          const store::ToolCallRecord& call, const std::string& timezone,
                          const std::stop_token& stop);

}  // namespace bot::tools

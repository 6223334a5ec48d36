#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/process/sandbox.h"
#include "bot/runtime/settings.h"
#include "llm/mcp/tool.h"
#include "store/database.h"
#include "store/tool_looks.h"

namespace bot::tools {

/// A tool of a server, and what the configuration makes of it.
struct InspectedTool {
  llm::mcp::Tool tool;  ///< of one that is not there now: its name, hash and hints alone
  enum class Standing {
    off,      ///< neither in `allow` nor in `ask`
    allowed,  ///< runs without asking
    asks,
    changed  ///< it would be one of these, but it is not what it was, or was not there
  };
  Standing standing = Standing::off;
  /// The server did not show it like this now, but did while `serve` ran; some offer more after a login.
  bool not_now = false;
};

/// The tool as the store keeps it.
store::ToolLook look_of(const llm::mcp::Tool& tool);

/// What a server is like when an operator looks.
struct Inspection {
  std::string problem;     ///< a sentence; empty where it could be asked
  std::string last_lines;  ///< what it wrote beside the protocol, where there is a problem
  std::string revision;    ///< of the protocol
  std::vector<InspectedTool> tools;
  std::vector<std::string> idle_patterns;  ///< of `allow` and `ask`, which name no tool
};

/// Starts the server, asks it for its tools and ends it again. Without a database nothing counts as changed.
Inspection inspect(const runtime::Settings& settings, const runtime::ToolServerSettings& server,
                   const base::Sandbox& sandbox, store::Database* db, const std::stop_token& stop);

std::string to_text(InspectedTool::Standing standing);

/// Lines for frontdesk.toml: what says that it reads, and whose name does not sound otherwise, in `allow`;
/// what does not sound like deleting in `ask`; the rest in a comment, and also which of a silent server's
/// tools sound as if they only read.
std::string proposal(const std::vector<InspectedTool>& tools);

/// What the operator is shown of a server that nobody has used is what its tools are bound to: what turns
/// find otherwise is off. Of any other server nothing happens.
void bind_first_look(store::Database& db, const std::string& server, const std::vector<InspectedTool>& tools,
                     base::Timestamp now);

/// From now on the tools are as they look here. Returns how many of the allowed ones were not.
int accept(store::Database& db, const std::string& server, const std::vector<InspectedTool>& tools,
           base::Timestamp now);

}  // namespace bot::tools

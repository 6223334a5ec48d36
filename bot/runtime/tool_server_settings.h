#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/section.h"
#include "llm/mcp/server_address.h"
#include "llm/mcp/server_program.h"

namespace bot::runtime {

/// What is read around each call of a tool, to see what the call does.
struct ReadBackSettings {
  std::string of;                                         ///< the tool that is called
  std::string tool;                                       ///< that reads
  std::vector<std::pair<std::string, std::string>> with;  ///< its arguments; "{name}" is one of the call's
};

/// Whose turns have the tools of a server.
struct ToolAccess {
  std::vector<std::string> people;  ///< "<section>:<user id>", "role:admin", "*"
  bool everywhere = false;          ///< in groups, too
};

/// [mcp_servers.<name>]: what the secretary can do itself, and for whom.
struct ToolServerSettings {
  std::string name;
  std::optional<llm::mcp::ServerAddress> address;  ///< where it is reached, if it is no program of ours
  llm::mcp::ServerProgram program;                 ///< else
  std::vector<std::string> allow;                  ///< patterns of tools that run without asking
  std::vector<std::string> ask;                    ///< patterns of tools for which a person is asked
  std::vector<std::string> reads;  ///< patterns of tools that only read, where the server does not say so
  std::vector<ReadBackSettings> read_back;
  ToolAccess access = {};  ///< as it was read; in force is what stands in Policy
  std::chrono::seconds timeout{30};
  std::chrono::seconds idle{300};
};

/// Reads [mcp_servers]. Throws base::ConfigError.
std::vector<ToolServerSettings> read_tool_servers(config::Section section);

}  // namespace bot::runtime

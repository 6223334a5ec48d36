#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "bot/runtime/tool_server_settings.h"
#include "bot/tools/tool_index.h"
#include "llm/chat_model.h"
#include "llm/mcp/tool.h"

namespace bot::tools {

/// A tool that `allow` or `ask` names.
struct OfferedTool {
  std::size_t at = 0;  ///< in Offer::tools
  bool asks = false;
  std::string name;       ///< as the model calls it
  std::size_t bytes = 0;  ///< of its spec
};

/// What a server offered when it was asked last, prepared once for all turns.
struct Offer {
  Offer(const runtime::ToolServerSettings& settings, std::vector<llm::mcp::Tool> listed);

  /// One of `on`, as a model is shown it.
  llm::ToolSpec spec(const OfferedTool& tool) const;

  const std::vector<llm::mcp::Tool> tools;
  std::vector<OfferedTool> on;  ///< one that no call of a model has room for is left out
  std::size_t bytes = 0;        ///< of all that are on
  ToolIndex index;              ///< of what is on
  /// Whether the database has been asked about each of them; the first turn that has the offer does.
  mutable std::once_flag compared;
};

/// What a model is shown in one call, find_tools among them.
inline constexpr std::size_t kMostTools = 8;
inline constexpr std::size_t kMostToolBytes = 8'000;

std::size_t bytes_of(const llm::ToolSpec& spec);
/// The tool by which the model looks for others.
llm::ToolSpec find_spec();

}  // namespace bot::tools

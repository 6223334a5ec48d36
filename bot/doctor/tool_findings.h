#pragma once

#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/tools/inspection.h"

namespace bot::doctor {

/// What an operator must know of a server of [mcp_servers].
chat::CheckResult tool_server_result(const runtime::ToolServerSettings& server,
                                     const tools::Inspection& found, bool in_sandbox);

/// Its tools with their hints, one a line, to be looked through.
std::string tool_list(const std::string& server, const tools::Inspection& found);

}  // namespace bot::doctor

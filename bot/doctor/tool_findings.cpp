#include "bot/doctor/tool_findings.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/utf8.h"

namespace bot::doctor {
namespace {

using Mark = chat::CheckResult::Mark;
using Standing = tools::InspectedTool::Standing;

constexpr std::size_t kLastLines = 600;

}  // namespace

chat::CheckResult tool_server_result(const runtime::ToolServerSettings& server,
                                     const tools::Inspection& found, bool in_sandbox) {
  if (!found.problem.empty()) {
    return {Mark::failure,
            fmt::format("it cannot be used: {}{}", found.problem,
                        found.last_lines.empty() ? ""
                                                 : "; it wrote: " + base::one_line(base::keep_ends(
                                                                        found.last_lines, kLastLines)))};
  }
  std::vector<std::string> changed;
  std::size_t on = 0;
  for (const auto& [tool, standing, not_now] : found.tools) {
    if (standing == Standing::changed) {
      changed.push_back(tool.name + (not_now ? " (seen while serve ran)" : ""));
    }
    on += standing == Standing::allowed || standing == Standing::asks ? 1 : 0;
  }
  auto text = fmt::format("protocol {}, {} tools, {} of them on", found.revision, found.tools.size(), on);
  if (!changed.empty()) {
    return {Mark::failure,
            fmt::format("{}; not what they were when they were allowed, and off until you look: {}; "
                        "then run frontdesk tools {} --accept",
                        text, fmt::join(changed, ", "), server.name)};
  }
  std::vector<std::string> doubts;
  if (!found.idle_patterns.empty()) {
    doubts.push_back(fmt::format("no tool fits {}", fmt::join(found.idle_patterns, ", ")));
  }
  if (on == 0) {
    doubts.push_back(fmt::format("none can be used; frontdesk tools {} proposes some", server.name));
  }
  if (!in_sandbox && !server.address && !server.program.network) {
    doubts.emplace_back("network = false has no effect without the sandbox");
  }
  return doubts.empty()
             ? chat::CheckResult{Mark::ok, text}
             : chat::CheckResult{Mark::warning, fmt::format("{}; {}", text, fmt::join(doubts, "; "))};
}

std::string tool_list(const std::string& server, const tools::Inspection& found) {
  auto text = fmt::format("The tools of mcp_servers.{} (what they say of themselves is a hint):\n", server);
  std::size_t width = 0;
  for (const auto& each : found.tools) {
    width = std::max(width, each.tool.name.size());
  }
  for (const auto& [tool, standing, not_now] : found.tools) {
    text += fmt::format("  {:<{}}  {:<12}  {}  {}{}\n", tool.name, width, to_text(standing), tool.hash,
                        to_text(tool.hints), not_now ? "; not shown now, but seen while serve ran" : "");
  }
  return text;
}

}  // namespace bot::doctor

#include "bot/tools/offer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/utf8.h"
#include "bot/tools/patterns.h"

namespace bot::tools {
namespace {

constexpr std::size_t kLongestAbout = 700;
constexpr const char* kFindSchema =
    R"json({"type": "object", "properties": {"query": {"type": "string", "description": "Words for what you want to do"}}, "required": ["query"]})json";
constexpr const char* kFindAbout =
    "There are more tools than you see. Brings those that fit the words; they replace the others that you have "
    "not used.";

/// Of several tools whose names become the same one, none but that whose own name it is goes by it.
std::string offered_name(const std::string& server, const std::vector<llm::mcp::Tool>& tools,
                         const llm::mcp::Tool& tool) {
  const auto name = shown_name(server, tool.name);
  const auto same =
      std::ranges::count_if(tools, [&](const auto& other) { return shown_name(server, other.name) == name; });
  return same < 2 || name == server + "__" + tool.name ? name : shown_name_with_digits(server, tool.name);
}

}  // namespace

std::size_t bytes_of(const llm::ToolSpec& spec) {
  return spec.name.size() + spec.description.size() + spec.schema.size();
}

llm::ToolSpec find_spec() {
  return {"find_tools", kFindAbout, kFindSchema};
}

Offer::Offer(const runtime::ToolServerSettings& settings, std::vector<llm::mcp::Tool> listed)
    : tools(std::move(listed)) {
  std::set<std::string> names;
  std::vector<const llm::mcp::Tool*> indexed;
  for (std::size_t at = 0; at < tools.size(); ++at) {
    const auto& tool = tools[at];
    const bool asks = matches_any(settings.ask, tool.name);
    if (!asks && !matches_any(settings.allow, tool.name)) {
      continue;
    }
    OfferedTool offered{at, asks, offered_name(settings.name, tools, tool)};
    offered.bytes = bytes_of(spec(offered));
    if (offered.bytes + bytes_of(find_spec()) <= kMostToolBytes && names.insert(offered.name).second) {
      bytes += offered.bytes;
      on.push_back(std::move(offered));
      indexed.push_back(&tool);
    }
  }
  on.shrink_to_fit();
  index = ToolIndex(settings.name, indexed);
}

llm::ToolSpec Offer::spec(const OfferedTool& tool) const {
  const auto& listed = tools[tool.at];
  return {
      tool.name,
      base::ellipsize(listed.description, kLongestAbout) + (tool.asks ? " (The person is asked first.)" : ""),
      listed.schema};
}

}  // namespace bot::tools

#include "bot/tools/offer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/utf8.h"
#include "bot/tools/patterns.h"
#include "store/tool_calls.h"

namespace bot::tools {
namespace {

constexpr std::size_t kLongestAbout = 700;
constexpr const char* kFindSchema =
    R"json({"type": "object", "properties": {"query": {"type": "string", "description": "Words for what you want to do"}}, "required": ["query"]})json";
constexpr const char* kFindAbout =
    "There are more tools than you see. Brings those that fit the words; they replace the others that you have "
    "not used.";

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
  std::vector<llm::mcp::Tool> indexed;
  for (std::size_t at = 0; at < tools.size(); ++at) {
    const auto& tool = tools[at];
    const bool asks = matches_any(settings.ask, tool.name);
    if (!asks && !matches_any(settings.allow, tool.name)) {
      continue;
    }
    llm::ToolSpec spec{
        shown_name(settings.name, tool.name),
        base::ellipsize(tool.description, kLongestAbout) + (asks ? " (The person is asked first.)" : ""),
        tool.schema};
    const auto size = bytes_of(spec);
    if (size + bytes_of(find_spec()) <= kMostToolBytes && names.insert(spec.name).second) {
      bytes += size;
      on.push_back({at, asks, std::move(spec), size});
      indexed.push_back(tool);
    }
  }
  index = ToolIndex(settings.name, indexed);
}

void bind_new(store::Database& db, const std::string& server, const Offer& offer, base::Timestamp now) {
  store::ToolCalls calls(db);
  const auto is_unknown = [&](const OfferedTool& on) {
    return !calls.schema(server, offer.tools[on.at].name);
  };
  if (std::ranges::none_of(offer.on, is_unknown)) {
    return;
  }
  store::Transaction transaction(db);
  for (const auto& on : offer.on) {
    if (is_unknown(on)) {
      calls.set_schema(server, offer.tools[on.at].name, offer.tools[on.at].hash, now);
    }
  }
  transaction.commit();
}

}  // namespace bot::tools

#include "llm/mcp/tool.h"

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"

namespace llm::mcp {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kHashDigits = 16;

}  // namespace

std::optional<Tool> read_tool(const nlohmann::json& item) {
  Tool tool;
  tool.name = base::json_text(item, "name");
  const auto* const schema = base::json_member(item, "inputSchema");
  if (tool.name.empty() || tool.name.size() > kLongestName || base::one_line(tool.name) != tool.name ||
      schema == nullptr || !schema->is_object()) {
    return std::nullopt;
  }
  if (const auto type = schema->find("type"); type != schema->end() && *type != "object") {
    return std::nullopt;
  }
  tool.description = base::strip_controls(base::json_text(item, "description"));
  if (tool.description.empty()) {
    tool.description = base::json_text(item, "title");
  }
  auto given = *schema;
  given["type"] = "object";
  given.erase("$schema");  // model APIs refuse some
  tool.schema = base::dump_json(given);
  const auto& hints = base::json_object(item, "annotations");
  tool.hints = {base::json_bool(hints, "readOnlyHint"), base::json_bool(hints, "destructiveHint"),
                base::json_bool(hints, "openWorldHint")};
  // The hints, too: what only reads is called again without asking whether it was called before.
  const auto seen =
      base::dump_json(nlohmann::json::array({tool.name, tool.description, tool.schema, to_text(tool.hints)}));
  tool.hash = base::to_hex(base::sha256(seen)).substr(0, kHashDigits);
  return tool;
}

std::string to_text(const ToolHints& hints) {
  std::string text;
  const auto add = [&](const std::optional<bool>& hint, const char* yes, const char* no) {
    const char* const word = !hint ? "" : *hint ? yes : no;
    if (*word != '\0') {
      text += (text.empty() ? "" : ", ") + std::string(word);
    }
  };
  add(hints.only_reads, "reads", "writes");
  if (!hints.only_reads.value_or(false)) {
    add(hints.destroys, "may destroy", "destroys nothing");
  }
  add(hints.open_world, "reaches outside", "");
  return text.empty() ? "says nothing of what it does" : text;
}

}  // namespace llm::mcp

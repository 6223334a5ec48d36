#include "llm/mcp/tool.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"

namespace llm::mcp {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kHashDigits = 16;

/// What only narrows the arguments down, and what model APIs refuse at the top of a schema.
constexpr std::array kNarrowing = {"oneOf", "anyOf", "allOf", "not", "if", "then", "else", "enum", "const"};

/// Whether model APIs take it as the name of an argument.
bool is_argument_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

/// The schema without what no model API takes; nothing where it cannot do without.
std::optional<nlohmann::json> taken_schema(nlohmann::json schema) {
  for (const char* const word : kNarrowing) {
    schema.erase(word);
  }
  const auto properties = schema.find("properties");
  if (properties == schema.end() || !properties->is_object()) {
    return schema;
  }
  std::vector<std::string> strange;
  for (const auto& [name, _] : properties->items()) {
    if (!is_argument_name(name)) {
      strange.push_back(name);
    }
  }
  const auto& required = base::json_list(schema, "required");
  for (const auto& name : strange) {
    if (std::ranges::find(required, nlohmann::json(name)) != required.end()) {
      return std::nullopt;
    }
    properties->erase(name);
  }
  return schema;
}

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
  const auto taken = taken_schema(given);
  if (!taken) {
    return std::nullopt;
  }
  tool.schema = base::dump_json(*taken);
  const auto& hints = base::json_object(item, "annotations");
  tool.hints = {base::json_bool(hints, "readOnlyHint"), base::json_bool(hints, "destructiveHint"),
                base::json_bool(hints, "openWorldHint")};
  // The hints, too: what only reads is called again without asking whether it was called before.
  const auto seen = base::dump_json(
      nlohmann::json::array({tool.name, tool.description, base::dump_json(given), to_text(tool.hints)}));
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

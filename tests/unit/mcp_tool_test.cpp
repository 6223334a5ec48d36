// What servers list and answer, as it is made fit for a model.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/mcp/result.h"
#include "llm/mcp/tool.h"

using nlohmann::json;

namespace {

std::optional<llm::mcp::Tool> tool_with(const json& schema) {
  return llm::mcp::read_tool({{"name", "find"}, {"description", "finds"}, {"inputSchema", schema}});
}

json schema_of(const llm::mcp::Tool& tool) {
  return json::parse(tool.schema);
}

std::string text_of(const json& result) {
  return llm::mcp::read_result(result, 1000).text;
}

json text_block(const std::string& text) {
  return json::array({{{"type", "text"}, {"text", text}}});
}

}  // namespace

TEST_CASE("what only narrows arguments down is left out at the top of a schema, and stays within") {
  const auto tool = tool_with({{"type", "object"},
                               {"properties", {{"day", {{"enum", {"mon", "tue"}}}}}},
                               {"oneOf", {{{"required", {"day"}}}}},
                               {"not", {{"required", {"night"}}}}});
  REQUIRE(tool);
  CHECK(schema_of(*tool) == json{{"type", "object"}, {"properties", {{"day", {{"enum", {"mon", "tue"}}}}}}});
}

TEST_CASE("an argument whose name no model API takes is left out, with its tool where it is required") {
  const json properties = {{"query", {{"type", "string"}}}, {"$filter", {{"type", "string"}}}};
  const auto tool = tool_with({{"properties", properties}, {"required", {"query"}}});
  REQUIRE(tool);
  CHECK(schema_of(*tool)["properties"] == json{{"query", {{"type", "string"}}}});
  CHECK_FALSE(tool_with({{"properties", properties}, {"required", {"$filter"}}}));
}

TEST_CASE("what is left out of a schema changes the hash all the same") {
  const auto one = tool_with({{"oneOf", {{{"required", {"a"}}}}}});
  const auto other = tool_with({{"oneOf", {{{"required", {"b"}}}}}});
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->schema == other->schema);
  CHECK(one->hash != other->hash);
}

TEST_CASE("structured content reaches the model once") {
  const json projects = {{"projects", {"alpha", "beta"}}, {"count", 2}};
  CHECK(text_of({{"content", text_block("2 projects.")}, {"structuredContent", projects}}) ==
        "2 projects.\n" + projects.dump());
  CHECK(text_of({{"content", json::array()}, {"structuredContent", projects}}) == projects.dump());
  // As JSON, and as plain text.
  CHECK(text_of({{"content", text_block(projects.dump(2))}, {"structuredContent", projects}}) ==
        projects.dump(2));
  CHECK(text_of({{"content", text_block("line one\nline two")},
                 {"structuredContent", {{"content", "line one\nline two"}}}}) == "line one\nline two");
}

TEST_CASE("a text that begins with \"Error:\" is a failure, a sentence about errors is none") {
  CHECK(llm::mcp::read_result({{"content", text_block("Error: no such mailbox")}}, 1000).failed);
  CHECK_FALSE(llm::mcp::read_result({{"content", text_block("Error budget: 99.9 %")}}, 1000).failed);
}

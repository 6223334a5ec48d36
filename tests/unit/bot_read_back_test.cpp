// What has changed between two readings of the same thing.
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bot/runtime/tool_server_settings.h"
#include "bot/texts/tools.h"
#include "bot/tools/changes.h"
#include "bot/tools/read_back.h"
#include "config/config_file.h"
#include "llm/mcp/tool.h"
#include "tests/support/text.h"

using bot::tools::changes_between;
using support::contains;

namespace {

constexpr const char* kBerlin = "Europe/Berlin";

std::string event(const std::string& summary, const std::string& start) {
  return R"([{"uid":"weekly","summary":")" + summary + R"(","start":")" + start + R"("}])";
}

bot::runtime::ToolServerSettings read(const std::string& more) {
  auto root = config::parse_config("[mcp_servers.mail]\ncommand = \"x\"\n" + more, "frontdesk.toml", "/");
  return bot::runtime::read_tool_servers(root.child("mcp_servers")).at(0);
}

}  // namespace

TEST_CASE("values of JSON stand a line each, and instants also in the person's zone") {
  CHECK(bot::tools::readable_lines(R"({"total":1,"todos":[{"summary":"Tea","done":false}]})", kBerlin) ==
        "todos:\n  done: false\n  summary: Tea\ntotal: 1\n");
  CHECK(bot::tools::readable_lines(R"([{"start":"2026-12-01T09:00:00.000Z"}])", kBerlin) ==
        "start: 2026-12-01T09:00:00.000Z (2026-12-01 10:00 Europe/Berlin)\n");
  CHECK(bot::tools::readable_lines("no JSON\nat all", kBerlin) == "no JSON\nat all");
}

TEST_CASE("a change that was asked for is shown as the lines that went and came") {
  const auto moved = changes_between(event("Budget", "2026-12-01T09:00:00.000Z"),
                                     event("Budget", "2026-12-01T13:00:00.000Z"),
                                     R"({"uid":"weekly","start":"2026-12-01T14:00:00+01:00"})", kBerlin);
  CHECK(moved.lines ==
        "- start: 2026-12-01T09:00:00.000Z (2026-12-01 10:00 Europe/Berlin)\n"
        "+ start: 2026-12-01T13:00:00.000Z (2026-12-01 14:00 Europe/Berlin)");
  CHECK(!moved.has_unasked);
}

TEST_CASE("what changes beside what was asked for is marked") {
  const auto renamed = changes_between(event("Stand-up", "2026-10-06T07:00:00.000Z"),
                                       event("Daily", "2026-10-06T09:00:00.000Z"),
                                       R"({"uid":"weekly","summary":"Daily"})", kBerlin);
  CHECK(renamed.has_unasked);
  CHECK(contains(renamed.lines, "! start: 2026-10-06T09:00:00.000Z"));
  CHECK(contains(renamed.lines, "+ summary: Daily"));
}

TEST_CASE("what is new, what is gone, and a count of them were asked for or are nobody's business") {
  const auto made =
      changes_between(R"({"todos":[],"total":0})", R"({"todos":[{"summary":"Tea","uid":"x-1"}],"total":1})",
                      R"({"summary":"Tea"})", kBerlin);
  CHECK(!made.has_unasked);
  CHECK(contains(made.lines, "+   summary: Tea"));
  const auto gone =
      changes_between(event("Tea", "2026-12-01T09:00:00Z"), "[]", R"({"uid":"weekly"})", kBerlin);
  CHECK(!gone.has_unasked);
  CHECK(contains(gone.lines, "- summary: Tea"));
  CHECK(changes_between("the same", "the same", "{}", kBerlin).lines.empty());
}

TEST_CASE("what is shown of a change has an end, however much has changed") {
  std::string before;
  std::string after;
  for (int i = 0; i < 5'000; ++i) {
    before += "old " + std::to_string(i) + "\n";
    after += std::string(10'000, 'n') + "\n";
  }
  CHECK(changes_between(before, after.substr(0, 3'000'000), "{}", kBerlin).lines.size() < 30'000);
}

TEST_CASE("the operator says which tools only read, and what is read back") {
  const auto server = read(R"(reads = ["list-*"]
[mcp_servers.mail.read_back]
send_email = { tool = "search_by_recipient", with = { recipient = "{to}" } }
create_entities = { tool = "read_graph" })");
  const auto tool = [](const char* name, const nlohmann::json& hints) {
    return *llm::mcp::read_tool(
        {{"name", name}, {"inputSchema", {{"type", "object"}}}, {"annotations", hints}});
  };
  CHECK(bot::tools::only_reads(server, tool("list-events", nlohmann::json::object())));
  CHECK(bot::tools::only_reads(server, tool("read", {{"readOnlyHint", true}})));
  CHECK(!bot::tools::only_reads(server, tool("read", nlohmann::json::object())));
  REQUIRE(server.read_back.size() == 2);
  CHECK(server.read_back[0].of == "send_email");
  CHECK(server.read_back[0].with.at(0).second == "{to}");
  CHECK(server.read_back[1].with.empty());
  const auto problem = [](const std::string& more) -> std::string {
    try {
      read(more);
    } catch (const base::ConfigError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(contains(problem("[mcp_servers.mail.read_back]\na = { tol = \"x\" }"), "did you mean \"tool\"?"));
  CHECK(contains(problem("reads = [\"\"]"), "mcp_servers.mail.reads: has an empty name"));
}

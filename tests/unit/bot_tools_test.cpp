// What of the tools is a question of names and words alone.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bot/runtime/tool_server_settings.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/inspection.h"
#include "bot/tools/patterns.h"
#include "bot/tools/tool_index.h"
#include "bot/tools/turn_tools.h"
#include "config/config_file.h"
#include "llm/mcp/result.h"
#include "llm/mcp/tool.h"
#include "tests/support/environment.h"
#include "tests/support/text.h"

using bot::tools::matches;
using support::contains;

namespace {

std::vector<bot::runtime::ToolServerSettings> read(const std::string& toml) {
  auto root = config::parse_config(toml, "frontdesk.toml", "/");
  return bot::runtime::read_tool_servers(root.child("mcp_servers"));
}

std::string problem(const std::string& toml) {
  try {
    read(toml);
  } catch (const base::ConfigError& error) {
    return error.what();
  }
  return "";
}

llm::mcp::Tool tool(const std::string& name, const std::string& description,
                    const nlohmann::json& hints = {}) {
  return *llm::mcp::read_tool({{"name", name},
                               {"description", description},
                               {"inputSchema", {{"type", "object"}}},
                               {"annotations", hints.is_null() ? nlohmann::json::object() : hints}});
}

}  // namespace

TEST_CASE("a server of the configuration has every key, and usual values for those that are missing") {
  const auto server = read(R"([mcp_servers.calendar]
command = "npx"
args = ["-y", "caldav-mcp@0.10.0"]
allow = ["list-*"]
ask = ["create-event"]
people = ["web:local", "role:admin"]
places = "everywhere"
timeout_s = 5
idle_s = 7
network = false
readable = ["/etc/caldav"]
state = ["/var/cache/caldav/"]
[mcp_servers.calendar.env]
CALDAV_BASE_URL = "https://cal.example.org")")
                          .at(0);
  CHECK(server.name == "calendar");
  CHECK(server.program.arguments == std::vector<std::string>{"-y", "caldav-mcp@0.10.0"});
  CHECK(server.access.everywhere);
  CHECK(server.timeout.count() == 5);
  CHECK(server.idle.count() == 7);
  CHECK(!server.program.network);
  CHECK(server.program.environment.at(0).second == "https://cal.example.org");
  const auto usual = read("[mcp_servers.x]\ncommand = \"x\"").at(0);
  CHECK(usual.access.people == std::vector<std::string>{"role:admin"});
  CHECK(!usual.access.everywhere);
  CHECK(usual.timeout.count() == 30);
  CHECK(usual.idle.count() == 300);
  CHECK(usual.program.network);
}

TEST_CASE("what is wrong with a server of the configuration names the key") {
  const auto with = [](const std::string& line) {
    return problem("[mcp_servers.x]\ncommand = \"x\"\n" + line);
  };
  CHECK(contains(problem("[mcp_servers.x]"), "mcp_servers.x.command: is missing"));
  CHECK(contains(with("alow = []"), "did you mean \"allow\"?"));
  CHECK(contains(with("timeout_s = 0"), "mcp_servers.x.timeout_s: must be at least 1"));
  CHECK(contains(with("places = \"group\""), "mcp_servers.x.places"));
  CHECK(contains(with("people = [\"somebody\"]"), "mcp_servers.x.people: \"somebody\" is nobody"));
  CHECK(contains(with("people = [\"role:king\"]"), "mcp_servers.x.people"));
  CHECK(contains(with("allow = [\"\"]"), "mcp_servers.x.allow"));
  CHECK(contains(with("[mcp_servers.x.env]\nMAIL_PASSWORD = \"hunter2\""),
                 "mcp_servers.x.env.MAIL_PASSWORD: secrets"));
  CHECK(contains(problem("[mcp_servers.\"a b\"]\ncommand = \"x\""), "the name of a server"));
}

TEST_CASE("a server that is reached over HTTP has a url and perhaps a token, and nothing of a program") {
  support::Environment environment;
  environment.set("NOTES_TOKEN", "token-of-the-notes");
  const auto server =
      read("[mcp_servers.notes]\nurl = \"https://notes.example.org/mcp\"\nbearer_token = \"env:NOTES_TOKEN\"")
          .at(0);
  CHECK(server.address->url == "https://notes.example.org/mcp");
  CHECK(server.address->bearer_token == "token-of-the-notes");
  const auto with = [](const std::string& url, const std::string& line = "") {
    return problem("[mcp_servers.x]\nurl = \"" + url + "\"\n" + line);
  };
  for (const char* here : {"http://127.0.0.1:80/mcp", "http://localhost/", "http://[::1]:3001"}) {
    CAPTURE(here);
    CHECK(read(std::string("[mcp_servers.x]\nurl = \"") + here + "\"").at(0).address->url == here);
  }
  CHECK(contains(with("http://notes.example.org/mcp"),
                 "mcp_servers.x.url: http:// would send everything unencrypted"));
  CHECK(contains(with("http://127.0.0.1.example.org/mcp"), "mcp_servers.x.url"));
  CHECK(contains(with("http://ada:pw@localhost/mcp"),
                 "mcp_servers.x.url: must hold no user name or password; a token stands in bearer_token"));
  CHECK(contains(with("ftp://localhost/mcp"), "mcp_servers.x.url: must begin with https://"));
  CHECK(
      contains(with("https://a", "command = \"npx\""), "mcp_servers.x.command: is for a server that is run"));
  CHECK(contains(with("https://a", "bearer_token = \"hunter2hunter2\""), "mcp_servers.x.bearer_token"));
  CHECK(contains(problem("[mcp_servers.x]\ncommand = \"x\"\nbearer_token = \"env:NOTES_TOKEN\""),
                 "mcp_servers.x.bearer_token: is for a server with a url"));
}

TEST_CASE("a star is any run of characters, and all else stands for itself") {
  CHECK(matches("list-*", "list-events"));
  CHECK(matches("*", ""));
  CHECK(matches("a*b*c", "a1b2b3c"));
  CHECK(matches("**", "x"));
  CHECK(!matches("list-*", "relist-events"));
  CHECK(!matches("list", "list-events"));
  CHECK(!matches("", "x"));
  CHECK(!matches("a*b", "abc"));
}

TEST_CASE("the name that the model sees is one that model APIs take") {
  CHECK(bot::tools::shown_name("mail", "send_email") == "mail__send_email");
  CHECK(bot::tools::shown_name("mail", "a.b c/ü") == "mail__a_b_c___");
  const auto one = bot::tools::shown_name("s", std::string(90, 'a') + "1");
  const auto other = bot::tools::shown_name("s", std::string(90, 'a') + "2");
  CHECK(one.size() == 64);
  CHECK(one != other);
}

TEST_CASE("the index finds tools by words of their names and descriptions") {
  const std::vector<llm::mcp::Tool> tools = {tool("list_emails", "Lists messages in a folder"),
                                             tool("createEvent", "Puts something into the calendar"),
                                             tool("search", "Looks for words in emails")};
  const bot::tools::ToolIndex index("x", {&tools[0], &tools[1], &tools[2]});
  const auto best = [&](const std::string& words) {
    std::size_t at = 99;
    float most = 0;
    for (const auto& hit : index.find(bot::tools::ToolIndex::Query(words))) {
      at = hit.score > most ? hit.at : at;
      most = std::max(most, hit.score);
    }
    return at;
  };
  CHECK(best("please list my email") == 0);
  CHECK(best("an EVENT on Friday") == 1);
  CHECK(best("looks for it") == 2);
  CHECK(index.find(bot::tools::ToolIndex::Query("nothing whatever")).empty());
}

TEST_CASE("tools that only a number tells apart are found by it") {
  std::vector<llm::mcp::Tool> tools(20);
  std::vector<const llm::mcp::Tool*> all;
  for (int i = 0; i < 20; ++i) {
    auto& tool = tools[static_cast<std::size_t>(i)];
    tool.name = fmt::format("tool-{:02}", i);
    tool.description = "Does what tool 15 and others of the 20 do";
    all.push_back(&tool);
  }
  const bot::tools::ToolIndex index("many", all);
  for (const char* words : {"tool-15", "many__tool-15", "15"}) {
    CAPTURE(std::string(words));
    const auto hits = index.find(bot::tools::ToolIndex::Query(words));
    REQUIRE_FALSE(hits.empty());
    const auto best = std::ranges::max_element(hits, {}, &bot::tools::ToolIndex::Hit::score);
    CHECK(tools[best->at].name == "tool-15");
  }
}

TEST_CASE("a tool is another one when what it says of itself is") {
  const auto before = tool("send", "Sends a message");
  CHECK(tool("send", "Sends a message").hash == before.hash);
  // What it says of itself counts, too: as one that only reads it would be called again after a crash.
  CHECK(tool("send", "Sends a message", {{"readOnlyHint", true}}).hash != before.hash);
  CHECK(tool("send", "Sends a message", {{"destructiveHint", true}}).hash != before.hash);
  CHECK(tool("send", "Sends all messages").hash != before.hash);
  CHECK(!llm::mcp::read_tool({{"name", "x"}, {"inputSchema", {{"type", "string"}}}}));
  CHECK(!llm::mcp::read_tool({{"name", "x\ny"}, {"inputSchema", {{"type", "object"}}}}));
}

TEST_CASE("of a result one of both forms counts, within its bounds") {
  const auto text = [](const nlohmann::json& result, std::size_t most = 1'000) {
    return llm::mcp::read_result(result, most).text;
  };
  const nlohmann::json block = {{"type", "text"}, {"text", "words"}};
  CHECK(text({{"content", {block}}, {"structuredContent", {{"a", "words"}}}}) == "words");
  CHECK(text({{"content", nlohmann::json::array()}, {"structuredContent", {{"a", 1}}}}) == "{\"a\":1}");
  CHECK(text({{"content", {{{"type", "text"}, {"text", std::string(9'000, 'x')}}}}}).size() < 1'200);
  CHECK(text({{"content", {{{"type", "image"}, {"mimeType", "image/png"}, {"data", "QUJD"}}}}}) ==
        "[image image/png, 3 bytes, not shown]");
  CHECK(text(nlohmann::json(7)).empty());
}

TEST_CASE("arguments are shown whole, with instants in their zone and nothing hidden") {
  const auto shown = bot::tools::readable_arguments(
      R"({"to":"ann@example.org","body":"one\ntwo","start":"2026-12-01T08:00:00Z","n":[1,2],"x":"a\u202eb"})",
      "Europe/Zurich");
  CHECK(contains(shown, "to: ann@example.org"));
  CHECK(contains(shown, "body: \n    one\n    two"));
  CHECK(contains(shown, "start: 2026-12-01T08:00:00Z (2026-12-01 09:00 Europe/Zurich)"));
  CHECK(contains(shown, "n: [1,2]"));
  CHECK(contains(shown, "a\\u{202e}b"));
}

TEST_CASE("the name of an argument cannot be taken for a line of its own") {
  const auto shown = bot::tools::readable_arguments(
      R"({"to":"ann","note\nto":"bob","subject: x":1,"a\u2028b\u0007":2," c":3})", "UTC");
  CHECK(contains(shown, "\n\"note\\nto\": bob\n"));
  CHECK(contains(shown, "\n\"subject: x\": 1\n"));
  CHECK(contains(shown, "\"a\\u{2028}b\\u0007\": 2"));
  CHECK(contains(shown, "\" c\": 3"));
  CHECK(contains(shown, "\nto: ann"));
}

TEST_CASE("the proposal allows what reads, asks for the rest, and leaves out what sounds like deleting") {
  using Standing = bot::tools::InspectedTool::Standing;
  const nlohmann::json reads = {{"readOnlyHint", true}};
  const auto text = bot::tools::proposal({{tool("list", "", reads), Standing::off, false},
                                          {tool("send_email", "", reads), Standing::off, false},
                                          {tool("search", ""), Standing::off, false},
                                          {tool("delete_all", "", reads), Standing::off, false}});
  CHECK(text ==
        "allow = [\"list\"]\nask = [\"send_email\", \"search\"]\n# left out: [\"delete_all\"]\n"
        "# if these only read, as they sound, move them to allow and add this:\n# reads = [\"search\"]\n");
}

TEST_CASE("the proposal leaves out what shows secrets, and what may delete many at once") {
  using Standing = bot::tools::InspectedTool::Standing;
  const auto proposed = [](const std::string& name, const std::string& about, const nlohmann::json& hints) {
    return bot::tools::proposal({{tool(name, about, hints), Standing::off, false}});
  };
  const auto is_out = [](const std::string& text) {
    return contains(text, "allow = []\nask = []\n# left out");
  };
  const nlohmann::json reads = {{"readOnlyHint", true}};
  for (const char* const name :
       {"get-env", "printEnvironment", "list_secrets", "get_api_key", "show_credentials"}) {
    CHECK_MESSAGE(is_out(proposed(name, "", reads)), name);
  }
  for (const char* const name : {"bulk_action", "batch-modify", "emptyMailbox", "prune"}) {
    CHECK_MESSAGE(is_out(proposed(name, "", {})), name);
  }
  CHECK(is_out(proposed("manage_labels", "Creates, renames or deletes labels", {{"destructiveHint", true}})));
  CHECK(contains(proposed("manage_labels", "Creates or renames labels", {{"destructiveHint", true}}),
                 "ask = [\"manage_labels\"]"));
  // Parts of other words are none of these.
  for (const char* const name : {"list_envelopes", "get_keyboard", "read_tokenizer"}) {
    CHECK_MESSAGE(contains(proposed(name, "", reads), "allow = [\""), name);
  }
}

TEST_CASE("whose turns have a server is said by people and places") {
  bot::runtime::Policy policy;
  auto& access = policy.tools["mail"];
  access.people = {"role:admin", "tg:7"};
  const store::Person seven{{1}, "tg", "7", ""};
  const store::Person eight{{2}, "tg", "8", ""};
  store::Conversation direct;
  store::Conversation group;
  group.in_group = true;
  CHECK(bot::tools::is_offered_to(policy, "mail", seven, false, direct));
  CHECK(!bot::tools::is_offered_to(policy, "mail", eight, false, direct));
  CHECK(bot::tools::is_offered_to(policy, "mail", eight, true, direct));
  CHECK(!bot::tools::is_offered_to(policy, "mail", seven, true, group));
  access.everywhere = true;
  CHECK(bot::tools::is_offered_to(policy, "mail", seven, false, group));
  access.people = {"*"};
  CHECK(bot::tools::is_offered_to(policy, "mail", eight, false, direct));
  CHECK(!bot::tools::is_offered_to(policy, "gone", eight, true, direct));
}

TEST_CASE("what is too long for one message is cut at the ends of lines, and nothing of it is lost") {
  using bot::tools::pieces_of;
  using Pieces = std::vector<std::string>;
  CHECK(pieces_of("short", 10) == Pieces{"short"});
  CHECK(pieces_of("one\ntwo\nthree", 8) == Pieces{"one\ntwo", "three"});
  CHECK(pieces_of("onetwothree", 6) == Pieces{"onetwo", "three"});
  CHECK(pieces_of("aéé", 4) == Pieces{"aé", "é"});  // between letters
  CHECK(pieces_of("\nabcdef", 3) == Pieces{"\nab", "cde", "f"});
}

// One of each that does not answer: a chat service, the model, a specialist, servers of tools. None holds up
// the others.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/checkout.h"
#include "tests/support/http_loop.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;

TEST_CASE("a dead service, a model call that hangs and a specialist that hangs hold nobody else up") {
  Desk desk(Desk::Claude::real);
  // Connections are made, and nothing is ever read or answered.
  support::HttpLoop dead;
  const int port = dead.listen([](std::string_view, std::string_view) { return std::string(); });
  desk.config.set("chat.dead", "platform", "\"webhook\"")
      .set("chat.dead", "secret", "\"file:ops.secret\"")
      .set("chat.dead", "callback_url", "\"http://127.0.0.1:" + std::to_string(port) + "/\"");
  desk.model.secretary("hang here", {support::hold()});
  desk.model.secretary("build", {support::propose("high", "site")});
  desk.model.specialist("build", {support::hold(support::say("Built."))});
  desk.start();

  // More answers than there are threads that deliver to one service.
  for (int i = 0; i < 8; ++i) {
    const auto id = "dead-" + std::to_string(i);
    const auto body = Desk::message_body({.text = "hello", .chat = id, .user = id, .id = id});
    CHECK(desk.call("POST", "/webhooks/dead", body, support::sign(Desk::kSecret, id, body)).status == 200);
  }
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 8));
  desk.say({.text = "hang here", .chat = "c-hangs", .user = "u-hangs"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 9));
  desk.say({.text = "build it", .chat = "c-builds", .user = "u-builds"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));

  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    const auto chat = "c-" + std::to_string(i);
    const auto said = desk.say({.text = "what about " + chat, .chat = chat, .user = "u-" + chat});
    CHECK(contains(desk.answer_to(said).text, "Answer to: what about " + chat));
    const auto command = desk.say({.text = "/status", .chat = chat, .user = "u-" + chat});
    CHECK_FALSE(desk.answer_to(command).text.empty());
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(14));
  CHECK(desk.query("SELECT count(*) FROM outbox WHERE state = 'delivered' AND conversation_id IN "
                   "(SELECT id FROM conversations WHERE section = 'dead')") == "0");

  desk.model.release();
  CHECK(contains(desk.dispatch("d-1", "**Done").text, "Built."));
}

TEST_CASE("as many calls of the model that hang as there are turns at a time hold nobody up for long") {
  Desk desk;
  desk.model.secretary("hang here", {support::hold(support::say("At last."))});
  desk.start();
  std::vector<std::string> held;
  for (int i = 0; i < 8; ++i) {
    const auto n = std::to_string(i);
    held.push_back(desk.say({.text = "hang here", .chat = "h-" + n, .user = "u-h-" + n}));
  }
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 8));
  CHECK(contains(desk.answer_to(desk.say({.text = "/status", .chat = "h-0", .user = "u-h-0"})).text,
                 "An answer is being worked on"));
  for (int i = 0; i < 3; ++i) {
    const auto n = std::to_string(i);
    REQUIRE(
        contains(desk.answer_to(desk.say({.text = "hello " + n, .chat = "c-" + n, .user = "u-" + n})).text,
                 "Answer to: hello " + n));
  }
  desk.model.release();
  for (const auto& message : held) {
    REQUIRE(desk.answer_to(message).text == "At last.");
  }
}

namespace {

/// The server of tests/fakes in that mode as one more tool server, which everybody has.
void add_tools(Desk& desk, const std::string& name, const std::string& mode) {
  const auto script = support::source_dir() + "/tests/fakes/mcp_server.mjs";
  const auto state = desk.folder() / name;
  std::filesystem::create_directories(state);
  desk.config.set("mcp_servers." + name, "command", "\"node\"")
      .set("mcp_servers." + name, "args",
           "[\"" + script + "\", \"" + mode + "\", \"" + (state / "log").string() + "\"]")
      .set("mcp_servers." + name, "allow", "[\"read\"]")
      .set("mcp_servers." + name, "people", "[\"*\"]")
      .set("mcp_servers." + name, "timeout_s", "120")
      .set("mcp_servers." + name, "state", "[\"" + state.string() + "\"]");
}

}  // namespace

TEST_CASE("tool servers that never answer hold up those who use them, and nobody's hello") {
  Desk desk(Desk::Claude::fake);
  const std::vector<std::string> servers = {"one", "two", "three"};
  for (const auto& server : servers) {
    add_tools(desk, server, "held");
    desk.model.secretary("read " + server,
                         {support::use(server + "__read", {{"text", "x"}}), support::say("I read it.")});
  }
  desk.start();
  std::vector<std::string> held;
  for (const auto& server : servers) {
    for (const auto* const caller : {"a", "b", "c"}) {
      const auto chat = server + "-" + caller;
      held.push_back(desk.say({"read " + server, "c-" + chat, "u-" + chat}));
    }
  }
  REQUIRE(support::wait_until([&] { return desk.query("SELECT count(*) FROM tool_calls") == "9"; }));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(contains(desk.answer_to(desk.say({"hello", "c-last", "u-last"})).text, "Answer to: hello"));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK(desk.query("SELECT count(*) FROM tool_calls WHERE state = 'running'") == "9");
  for (const auto& server : servers) {
    support::write_text(desk.folder() / server / "log.go", "");
  }
  for (const auto& message : held) {
    CHECK(desk.answer_to(message).text == "I read it.");
  }
}

TEST_CASE("a tool server that does not answer when it is first used holds up nobody's hello") {
  // Whose words may need a tool waits five seconds for one. A busy machine may need as long by itself, but
  // not each time.
  bool was_prompt = false;
  for (int i = 0; i < 4 && !was_prompt; ++i) {
    Desk desk(Desk::Claude::fake);
    add_tools(desk, "one", "never");
    desk.start();
    const auto begin = std::chrono::steady_clock::now();
    CHECK(contains(desk.answer_to(desk.say({"hello"})).text, "Answer to: hello"));
    was_prompt = std::chrono::steady_clock::now() - begin < std::chrono::seconds(4);
    CHECK(desk.model.saw("The tools of one are not there yet"));
  }
  CHECK(was_prompt);
}

TEST_CASE("a tool that no word spoke of is there as soon as it is called or looked for") {
  Desk desk(Desk::Claude::fake);
  add_tools(desk, "one", "plain");
  desk.model.secretary("hello", {support::use("find_tools", {{"query", "read"}}),
                                 support::use("one__read", {{"text", "x"}}), support::say("I read it.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"hello"})).text == "I read it.");
  CHECK(desk.model.saw("one__read: Does read"));
  CHECK(desk.model.saw("read got x"));
}

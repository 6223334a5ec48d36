// The client of the Model Context Protocol over streamable HTTP: against the reference server, and against
// one that misbehaves.
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/http.h"
#include "bot/tools/server.h"
#include "llm/mcp/client.h"
#include "llm/mcp/header_parameters.h"
#include "tests/support/environment.h"
#include "tests/support/program/node_server.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using llm::mcp::Client;
using llm::mcp::ServerError;
using support::contains;

namespace {

constexpr const char* kToken = "canary-token-4711";

/// The fake server; every mode is there at once.
support::NodeServer& fake() {
  static support::NodeServer server("mcp_http_server.mjs");
  return server;
}

std::string asked(const std::string& mode) {
  base::HttpCall call;
  call.method = "GET";
  call.url = fake().url() + "asked/" + mode;
  return base::http_call(call).body;
}

std::unique_ptr<Client> connect_to(const std::string& url, const Client::Options& options = {},
                                   const std::string& token = "") {
  auto client = std::make_unique<Client>(llm::mcp::reach({url, token}), options);
  client->connect({});
  return client;
}

std::unique_ptr<Client> connect(const std::string& mode, const Client::Options& options = {}) {
  return connect_to(fake().url() + mode, options);
}

/// What connect(), or a call after it, fails with.
std::pair<ServerError::Kind, std::string> failure(const std::string& url, const Client::Options& options = {},
                                                  const std::string& token = "") {
  try {
    connect_to(url, options, token)->call("read", "{}", {});
  } catch (const ServerError& error) {
    return {error.kind, error.what()};
  }
  FAIL("nothing failed");
  return {};
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

/// A server of the configuration at that address, with its only tool learnt.
struct HandledServer {
  explicit HandledServer(const std::string& mode) : server(settings_for(mode), {}, {}) {
    server.learn();
    server.await_known(std::chrono::steady_clock::now() + support::kPatience, {});
    REQUIRE_MESSAGE(server.known().offer, server.known().problem);
  }
  bot::tools::CallOutcome call(const std::string& name) {
    for (const auto& tool : server.known().offer->tools) {
      if (tool.name == name) {
        return server.call(tool, "{}", {});
      }
    }
    return {};
  }

  static bot::runtime::ToolServerSettings settings_for(const std::string& mode) {
    bot::runtime::ToolServerSettings settings;
    settings.name = "fake";
    settings.address = llm::mcp::ServerAddress{fake().url() + mode, ""};
    return settings;
  }

  bot::tools::Server server;
};

}  // namespace

TEST_CASE("the reference server is spoken to over HTTP in one session, which is ended") {
  support::NodeServer server("mcp_everything_http.mjs", {support::node_modules()});
  {
    const auto client = connect_to(server.url());
    CHECK(client->revision() == "2025-11-25");
    CHECK(client->tools({}).size() > 5);
    CHECK(contains(client->call("echo", R"({"message":"hello"})", {}).text, "hello"));
    CHECK(contains(client->call("get-tiny-image", "{}", {}).text, "[image image/png, "));
    CHECK(client->call("no-such-tool", "{}", {}).failed);
    const auto lengthy = client->call("trigger-long-running-operation", R"({"duration":0.2,"steps":2})", {});
    CHECK_MESSAGE(contains(lengthy.text, "completed"), lengthy.text);
  }
}

TEST_CASE("a session is greeted once, carried along and ended") {
  { CHECK(connect("plain")->call("read", R"({"text":"it"})", {}).text == "read got it"); }
  const auto said = asked("plain");
  CHECK(count(said, "\"initialize\"") == 1);
  CHECK(contains(said, "POST  plain-"));
  CHECK(contains(said, "DELETE  plain-"));
}

TEST_CASE(
    "a server of the newest revision is asked over HTTP without a session, by headers that repeat the body") {
  const auto client = connect("modern");
  CHECK(client->is_stateless());
  CHECK(client->tools({}).size() == 2);
  CHECK(client->call("read", "{}", {}).text == "read got it");
  CHECK(!contains(asked("modern"), "initialize"));
  // A request that is given up is a stream that is closed, not one more message.
  const auto hasty = connect("modern", {.timeout = std::chrono::milliseconds(300)});
  CHECK_THROWS_AS(hasty->call("read", R"({"text":"wait"})", {}), ServerError);
  CHECK(support::wait_until([] { return contains(asked("modern"), "closed"); }));
  CHECK(!contains(asked("modern"), "notifications/cancelled"));
}

TEST_CASE("a server that has an empty result for what it does not know is an older one") {
  const auto client = connect("agrees");
  CHECK(client->revision() == "2025-11-25");
  CHECK(client->call("read", R"({"text":"it"})", {}).text == "read got it");
}

TEST_CASE(
    "arguments that a tool wants in headers are there, and a tool that asks for impossible ones is not") {
  const auto client = connect("parameters");
  CHECK(client->tools({}).size() == 1);
  CHECK(client->call("read", R"({"region":"eu"})", {}).text == "read got it");
}

TEST_CASE("what cannot stand in a header goes in base64, and no line ends in one") {
  using llm::mcp::header_value;
  CHECK(header_value("us-west1") == "us-west1");
  CHECK(header_value("Hello, 世界") == "=?base64?SGVsbG8sIOS4lueVjA==?=");
  CHECK(header_value(" padded ") == "=?base64?IHBhZGRlZCA=?=");
  CHECK(header_value("line1\nline2") == "=?base64?bGluZTEKbGluZTI=?=");
  CHECK(header_value("=?base64?literal?=") == "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
}

TEST_CASE("the rules for arguments in headers") {
  const auto read = [](const char* properties) {
    return llm::mcp::header_parameters(
        nlohmann::json::parse(R"({"type":"object","properties":)" + std::string(properties) + "}"));
  };
  const auto found = read(R"({"a":{"type":"object","properties":{"b":{"type":"integer","x-mcp-header":"B"}}},
                              "c":{"type":"boolean","x-mcp-header":"C"},"d":{"type":"string","x-mcp-header":"D"}})");
  REQUIRE(found);
  const auto fields =
      llm::mcp::header_fields(*found, nlohmann::json::parse(R"({"a":{"b":42},"c":true,"d":null})"));
  CHECK(fields ==
        std::vector<std::pair<std::string, std::string>>{{"Mcp-Param-B", "42"}, {"Mcp-Param-C", "true"}});
  CHECK(read(R"({"a":{"type":"string"}})")->empty());
  for (const char* wrong :
       {R"({"a":{"type":"number","x-mcp-header":"A"}})", R"({"a":{"type":"string","x-mcp-header":""}})",
        R"({"a":{"type":"string","x-mcp-header":"A\r\nB"}})",
        R"({"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}})",
        R"({"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}})",
        R"({"a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}})"}) {
    CAPTURE(wrong);
    CHECK(!read(wrong));
  }
}

TEST_CASE("a stream that breaks off is asked for from its last event on, as often as it breaks") {
  CHECK(connect("breaks")->call("read", "{}", {}).text == "after two breaks");
  CHECK(count(asked("breaks"), "GET ") == 2);
  CHECK(count(asked("breaks"), "tools/call") == 1);
}

TEST_CASE("what a server does wrong over HTTP is one sentence, and nothing waits for ever") {
  using Kind = ServerError::Kind;
  const auto check = [&](const std::string& mode, Kind kind, const std::string& part,
                         const Client::Options& options = {}) {
    CAPTURE(mode);
    const auto failed = failure(fake().url() + mode, options);
    CHECK(failed.first == kind);
    CHECK_MESSAGE(contains(failed.second, part), failed.second);
  };
  constexpr Client::Options kShort{.timeout = std::chrono::milliseconds(700)};
  check("never", Kind::timeout, "it did not answer in time", kShort);
  check("silent", Kind::timeout, "it did not answer in time", kShort);
  check("chatters", Kind::timeout, "it did not answer in time", kShort);
  CHECK(contains(asked("silent"), "notifications/cancelled"));
  check("huge", Kind::unreadable, "it answered with more than anybody reads");
  check("huge-stream", Kind::unreadable, "it answered with more than anybody reads");
  check("rubbish", Kind::unreadable, "is url the address of its MCP endpoint?");
  check("rubbish-stream", Kind::unreadable, "floods its output with what is no message (\"no JSON\")");
  check("cut", Kind::ended, "the connection ended before its answer came");
  check("cut-json", Kind::ended, "the connection ended before its answer came");
  check("taken", Kind::unreadable, "it took the request, and what it answered is no answer to it");
  check("busy", Kind::unreadable, "it answers with status 503");
  check("nothing", Kind::refused, "it answers with status 405; is url the address of its MCP endpoint?");
  check("away", Kind::not_taken, "it redirects to http://localhost:");
  check("oauth", Kind::not_taken, "OAuth, which the npm package mcp-remote speaks");
  const auto nobody = failure("http://127.0.0.1:1/mcp");
  CHECK(nobody.first == Kind::not_taken);
  CHECK(contains(nobody.second, "no connection to http://127.0.0.1:1"));
}

TEST_CASE("a redirect within the server is followed") {
  CHECK(connect("moved")->call("read", R"({"text":"it"})", {}).text == "read got it");
}

TEST_CASE("a token goes to its server alone, and is in no sentence") {
  const auto url = fake().url() + "token";
  CHECK(connect_to(url, {}, kToken)->call("read", "{}", {}).text == "read got nothing");
  CHECK(contains(asked("token"), std::string("POST Bearer ") + kToken));
  const auto none = failure(url);
  CHECK(none.second == "it lets nobody in without a token (status 401): look at its key bearer_token");
  const auto wrong = failure(url, {}, "canary-token-wrong");
  CHECK(wrong.second == "it refuses the token (status 401): look at its key bearer_token");
  CHECK(!contains(failure(fake().url() + "away", {}, kToken).second, kToken));
}

TEST_CASE("progress lets a call over HTTP go on beyond its time, and an open stream is left at its answer") {
  CHECK(connect("progress", {.timeout = std::chrono::milliseconds(2'500)})->call("read", "{}", {}).text ==
        "at last");
}

TEST_CASE("what a server asks for on a stream is declined, and a ping is answered") {
  CHECK(connect("asks")->call("read", "{}", {}).text == "-32601 {}");
}

TEST_CASE("a server says on a stream that its list has changed") {
  const auto client = connect("changes");
  CHECK(!client->take_list_changed());
  client->call("read", "{}", {});
  CHECK(client->take_list_changed());
}

TEST_CASE("the end of the program ends a call over HTTP at once, and tells the server") {
  const auto client = connect("silent");
  std::stop_source stop;
  const auto before = count(asked("silent"), "notifications/cancelled");
  const std::jthread later([&] {
    support::wait_until([] { return contains(asked("silent"), "tools/call"); });
    stop.request_stop();
  });
  CHECK_THROWS_AS(client->call("read", "{}", stop.get_token()), base::Stopped);
  CHECK(support::wait_until([&] { return count(asked("silent"), "notifications/cancelled") > before; }));
}

TEST_CASE("a call in a session that the server has ended is made again where it only reads, and else not") {
  using Fate = bot::tools::CallOutcome::Fate;
  for (const auto* const mode : {"forgets", "forgets-400"}) {
    CAPTURE(mode);
    HandledServer handled(mode);
    SUBCASE("reading") {
      const auto read = handled.call("read");
      CHECK(read.fate == Fate::answered);
      CHECK(read.text == "in a new session");
    }
    SUBCASE("writing") {
      const auto write = handled.call("write");
      CHECK(write.fate == Fate::not_made);
      CHECK(contains(write.text, "had ended the session and did not take the call"));
      CHECK(handled.call("write").text == "in a new session");
    }
  }
}

// For a suite that starts a server of its own and wants a client for it: docs/developing.md says how.
TEST_CASE("speaks to the server at FRONTDESK_MCP_URL" * doctest::skip()) {
  const auto client = connect_to(support::Environment::get("FRONTDESK_MCP_URL"));
  for (const auto& tool : client->tools({})) {
    const auto result = client->call(tool.name, R"({"a":5,"b":3})", {});
    MESSAGE(tool.name << ": " << result.text);
    CHECK(!result.failed);
  }
}

TEST_CASE(
    "what became of a call over HTTP: not made where nobody took it, uncertain where its answer is missing") {
  using Fate = bot::tools::CallOutcome::Fate;
  CHECK(HandledServer("cut").call("write").fate == Fate::uncertain);
  CHECK(HandledServer("busy").call("write").fate == Fate::uncertain);
}

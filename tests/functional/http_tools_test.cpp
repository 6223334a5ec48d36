// The secretary's own hands over streamable HTTP, with the real program.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/file.h"
#include "base/http.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/node_server.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;
using support::run_frontdesk;
using support::say;
using support::use;

namespace {

/// A desk with a server at that address.
class HttpDesk : public Desk {
 public:
  explicit HttpDesk(const std::string& url) : Desk(Claude::fake) {
    config.set("mcp_servers.far", "url", "\"" + url + "\"")
        .set("mcp_servers.far", "allow", "[\"echo\", \"read\"]")
        .set("mcp_servers.far", "ask", "[\"get-sum\", \"write\"]")
        .set("mcp_servers.far", "people", "[\"*\"]")
        .set("mcp_servers.far", "timeout_s", "30");
  }
  support::Finished run(std::vector<std::string> arguments) {
    write_config();
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return run_frontdesk(std::move(arguments), folder(), environment);
  }
};

}  // namespace

TEST_CASE("the secretary uses the reference server over HTTP, and a person is asked before it does more") {
  support::NodeServer server("mcp_everything_http.mjs", {support::node_modules()});
  HttpDesk desk(server.url());
  const auto checked = desk.run({"doctor"}).output;
  CHECK_MESSAGE(contains(checked, "mcp_servers.far: protocol 2025-11-25, "), checked);
  const auto offered = desk.run({"tools", "far"}).output;
  CHECK_MESSAGE(contains(offered, "get-sum"), offered);
  desk.model.secretary("say", {use("far__echo", {{"message", "four"}}), say("It said four.")});
  desk.model.secretary("add", {use("far__get-sum", {{"a", 2}, {"b", 40}}), say("I have prepared it.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"say four"})).text == "It said four.");
  CHECK(desk.model.saw("Echo: four"));
  CHECK(!desk.model.requests(ModelRequest::From::secretary).front().offers("far__get-env"));
  desk.answer_to(desk.say({"add them"}));
  const auto asked =
      desk.callbacks.wait_for([](const auto& shown) { return !shown.action("Do it").empty(); });
  CHECK(contains(desk.answer_to(desk.click(asked.action("Do it"))).text, "42"));
  CHECK(desk.query(
            "SELECT group_concat(tool || ' ' || state, ', ') FROM (SELECT * FROM tool_calls ORDER BY id)") ==
        "echo done, get-sum done");
  CHECK(desk.stop(SIGTERM) == 0);
}

TEST_CASE(
    "a token for a server over HTTP is nowhere but in its requests, and a wrong one is told by its key") {
  constexpr const char* kToken = "canary-token-4711";
  support::NodeServer server("mcp_http_server.mjs");
  HttpDesk desk(server.url() + "token");
  desk.config.set("mcp_servers.far", "bearer_token", "\"env:FAR_TOKEN\"");
  desk.environment["FAR_TOKEN"] = "canary-token-wrong";
  const auto refused = desk.run({"doctor"});
  CHECK(refused.status == 1);
  CHECK_MESSAGE(contains(refused.output, "it refuses the token (status 401): look at its key bearer_token"),
                refused.output);
  CHECK(!contains(refused.output + refused.errors, "canary-token"));
  desk.environment["FAR_TOKEN"] = kToken;
  desk.model.secretary("look", {use("far__read", {{"text", "it"}}), say("I looked.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"look"})).text == "I looked.");
  CHECK(desk.model.saw("read got it"));
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(!contains(desk.program->log(), kToken));
  CHECK(!contains(base::read_file(desk.folder() / "frontdesk.db"), kToken));
}

TEST_CASE("a call over HTTP whose answer is cut off is told as uncertain, and no server holds up a turn") {
  support::NodeServer server("mcp_http_server.mjs");
  HttpDesk desk(server.url() + "cut");
  desk.config.set("mcp_servers.far", "allow", "[\"read\", \"write\"]").set("mcp_servers.far", "ask", "[]");
  for (const char* mode : {"huge", "never", "rubbish"}) {
    desk.config.set(std::string("mcp_servers.") + mode, "url", "\"" + server.url() + mode + "\"")
        .set(std::string("mcp_servers.") + mode, "allow", "[\"read\"]")
        .set(std::string("mcp_servers.") + mode, "people", "[\"*\"]")
        .set(std::string("mcp_servers.") + mode, "timeout_s", mode == std::string("never") ? "1" : "30");
  }
  desk.model.secretary("write", {use("far__write", {{"text", "once"}}), say("Nobody knows.")});
  desk.model.secretary("look", {use("huge__read", {{"text", "x"}}), use("never__read", {{"text", "x"}}),
                                use("rubbish__read", {{"text", "x"}}), say("Nothing came.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"write it"}))
            .text.starts_with("Nobody knows.\n\nI do not know whether `write` of far"));
  CHECK(desk.model.saw("Nobody knows whether it took effect"));
  CHECK(desk.query("SELECT state FROM tool_calls") == "uncertain");
  CHECK(desk.answer_to(desk.say({"look there"})).text == "Nothing came.");
  CHECK(desk.model.saw("it answered with more than anybody reads"));
  CHECK(desk.model.saw("it did not answer in time"));
  CHECK(desk.model.saw("is url the address of its MCP endpoint?"));
  base::HttpCall call;
  call.method = "GET";
  call.url = server.url() + "asked/cut";
  const auto asked = base::http_call(call).body;
  CHECK(asked.find("tools/call") == asked.rfind("tools/call"));
  CHECK(desk.stop(SIGTERM) == 0);
}

// Servers of tools that misbehave, and a model that is down while tools are in use: what the chat and doctor
// say.
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/files.h"
#include "tests/support/loopback_server.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/tool_desk.h"
#include "tests/support/text.h"

using support::contains;
using support::FakeDesk;
using support::ModelRequest;
using support::run_frontdesk;
using support::say;
using support::use;

namespace {

std::string doctor(const FakeDesk& desk) {
  return run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder(), desk.environment)
      .output;
}

/// A turn is answered, the model knows that it has no tools, and doctor why.
void check_unusable(FakeDesk& desk, const std::string& why) {
  CAPTURE(why);
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"hello"})).text, "Answer to: hello"));
  CHECK(contains(desk.answer_to(desk.say({"hello again"})).text, "Answer to: hello again"));
  // No turn waits until a server has been given up, which may need longer for its first start.
  CHECK((desk.model.saw("The server fake cannot be used: ") ||
         desk.model.saw("The tools of fake are not there yet")));
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(contains(doctor(desk), "FAIL  mcp_servers.fake: it cannot be used: " + why));
}

}  // namespace

TEST_CASE("a server that is not installed, or never answers, holds up no turn and is named by doctor") {
  SUBCASE("not installed") {
    FakeDesk desk("plain");
    desk.config.set("mcp_servers.fake", "command", "\"no-such-program-4711\"");
    check_unusable(desk, "its program cannot be started; is it installed?");
  }
  SUBCASE("never answers") {
    FakeDesk desk("never");
    desk.config.set("mcp_servers.fake", "timeout_s", "1");
    check_unusable(desk, "it did not answer in time");
  }
  SUBCASE("floods its output") {
    FakeDesk desk("flood");
    check_unusable(desk, "it floods its output with what is no message (\"no JSON\")");
  }
}

TEST_CASE("what a server prints beside its messages is passed over") {
  FakeDesk desk("rubbish");
  desk.model.secretary("look", {use("fake__read", {{"text", "x"}}), say("I looked.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"look"})).text == "I looked.");
  CHECK(desk.model.saw("read got x"));
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(contains(doctor(desk), "ok    mcp_servers.fake: "));
}

TEST_CASE("an answer of 100 MB is a sentence for the model, and the next turn goes on") {
  FakeDesk desk("huge");
  desk.config.set("mcp_servers.fake", "timeout_s", "30");
  desk.model.secretary("write", {use("fake__write", {{"text", "x"}}), say("Nobody knows.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"write it"}))
            .text.starts_with("Nobody knows.\n\nI do not know whether `write`"));
  CHECK(desk.model.saw("it answered with more than anybody reads"));
  CHECK(desk.model.saw("Nobody knows whether it took effect"));
  CHECK(desk.query("SELECT state FROM tool_calls") == "uncertain");
  CHECK(contains(desk.answer_to(desk.say({"hello"})).text, "Answer to: hello"));
}

TEST_CASE(
    "a tool that changes between two calls is not called, nor is one that is new under an allowed name") {
  FakeDesk desk("changes");
  desk.config.set("mcp_servers.fake", "allow", "[\"read\", \"write\", \"era*\"]");
  desk.model.secretary("write", {use("fake__write", {{"text", "x"}}), say("I tried.")});
  desk.start();
  desk.answer_to(desk.say({"write it"}));
  support::write_text(desk.log().string() + ".changed", "");
  desk.answer_to(
      desk.say({"write it once more"}));  // with its answer the server says that its list has changed
  const auto calls = support::calls_in(desk.log());
  desk.answer_to(desk.say({"write it again"}));
  CHECK(support::calls_in(desk.log()) == calls);
  desk.answer_to(desk.say({"hello"}));
  CHECK(!desk.model.requests(ModelRequest::From::secretary).back().offers("fake__write"));
  CHECK(!desk.model.requests(ModelRequest::From::secretary).back().offers("fake__erase"));
  CHECK(desk.model.saw("The tool fake/erase is switched off"));
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(contains(doctor(desk), "off until you look: write, erase"));
}

TEST_CASE(
    "while the secretary's model is down its fallback has the same tools, and a question waits for its answer") {
  FakeDesk desk("plain");
  const auto call = [](const char* tool) {
    return support::event_stream(
        std::string(
            R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant",)") +
        R"("tool_calls":[{"index":0,"id":"t-1","type":"function","function":{"name":")" + tool +
        R"(","arguments":"{\"text\":\"once\"}"}}]},"finish_reason":null}]})" + "\n\n" +
        R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})" +
        "\n\ndata: [DONE]\n\n");
  };
  const auto words = [](const char* text) {
    return support::event_stream(support::OpenAiDialect::stream(text));
  };
  const support::ScriptedModel other(
      {call("fake__read"), words("It is there."), call("fake__write"), words("I have prepared it.")});
  desk.config.set("secretary", "base_url", support::toml_text(support::refusing_url()))
      .set("secretary", "fallback",
           "[{provider = \"openai\", model = \"qwen3\", base_url = " + support::toml_text(other.url()) + "}]")
      .set("mcp_servers.fake", "allow", "[\"read\"]")
      .set("mcp_servers.fake", "ask", "[\"write\"]");
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"is it there?"})).text, "It is there."));
  CHECK(contains(desk.answer_to(desk.say({"write it"})).text, "I have prepared it."));
  const auto asked =
      desk.callbacks.wait_for([](const auto& shown) { return !shown.action("Do it").empty(); });
  CHECK(contains(desk.answer_to(desk.click(asked.action("Do it"))).text, "write got once"));
  CHECK(desk.query(
            "SELECT group_concat(tool || ' ' || state, ', ') FROM (SELECT * FROM tool_calls ORDER BY id)") ==
        "read done, write done");
}

TEST_CASE("a call that was made and not answered is told in the chat, whatever the model says of it") {
  FakeDesk desk("dies");
  desk.model.secretary("write it", {use("fake__write", {{"text", "x"}}), say("Done, it is written.")});
  desk.start();
  const auto answer = desk.answer_to(desk.say({"write it"})).text;
  CHECK(contains(answer, "Done, it is written."));
  CHECK(contains(answer, "I do not know whether `write` of fake was done: please check."));
}

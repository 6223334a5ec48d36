// What a person is shown of the thing that a call is about, before it and after it.
#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/reporting/called_tools.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/read_back.h"
#include "bot/tools/servers.h"
#include "bot/tools/turn_tools.h"
#include "store/erasure.h"
#include "store/outbox.h"
#include "tests/support/loopback_server.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using nlohmann::json;
using support::contains;

namespace {

json tool(const std::string& name, const json& properties, const json& required, bool reads) {
  return {{"name", name},
          {"inputSchema", {{"type", "object"}, {"properties", properties}, {"required", required}}},
          {"annotations", {{"readOnlyHint", reads}}}};
}

/// A calendar and a mailbox; the calendar keeps the start of an event as `kept_`, whatever it was told.
class Desk : public support::ServicesFixture {
 public:
  Desk() : server_([this](const base::HttpRequest& request) { return answer(request); }) {
    settings.database = db.path();
    bot::runtime::ToolServerSettings far;
    far.name = "far";
    far.address = llm::mcp::ServerAddress{server_.url(), ""};
    far.allow = {"list-events", "get_email"};
    far.ask = {"update-event", "delete_email"};
    far.people = {"*"};
    settings.tool_servers.push_back(far);
    servers_ = std::make_unique<bot::tools::Servers>(settings, base::Sandbox{});
    services.tools = servers_.get();
    servers_->find("far")->learn();
    servers_->find("far")->await_known(std::chrono::steady_clock::now() + support::kPatience, {});
  }

  /// One turn, in which the model makes those calls.
  void turn(const std::vector<std::pair<std::string, json>>& calls) {
    message_ = store::Conversations(db).message(say("please"));
    bot::tools::TurnTools tools(services, db, conversation, person, message_);
    tools.specs();
    for (const auto& [name, arguments] : calls) {
      told_ = tools.call({"1", "far__" + name, base::dump_json(arguments)}, {})->result.text;
    }
    store::Transaction transaction(db);
    tools.carry_out();
    transaction.commit();
  }
  store::ToolCallRecord open() { return store::ToolCalls(db).open().back(); }
  std::string question() { return store::Conversations(db).message(open().shown.value()).text; }
  std::string press() {
    auto call = open();
    bot::tools::AskedCalls asked(services, db);
    REQUIRE(asked.begin(call));
    const auto outcome = asked.make(call, {});
    return asked.end(call, outcome);
  }

  const json kWeek = {{"start", "2026-11-30T00:00:00+01:00"}, {"end", "2026-12-07T00:00:00+01:00"}};
  json event_ = {{"uid", "event-1"}, {"summary", "Budget"}, {"start", "2026-12-01T09:00:00Z"}};
  std::string kept_ = "2026-12-01T12:00:00Z";
  std::string told_;

 private:
  json result_of(const json& asked) {
    const auto& params = base::json_object(asked, "params");
    const auto name = base::json_text(params, "name");
    const auto& given = base::json_object(params, "arguments");
    std::string text = "done";
    if (name == "list-events") {
      text = base::dump_json(json::array({event_}));
    } else if (name == "get_email") {
      text = "Subject: Lunch " + base::json_text(given, "mailbox") + base::json_text(given, "emailId") +
             "\nFrom: Bob <bob@example.org>\n\nWire the money";
    } else if (name == "update-event") {
      event_["start"] = kept_;
    }
    return {{"content", {{{"type", "text"}, {"text", text}}}}};
  }
  base::HttpResponse answer(const base::HttpRequest& request) {
    const auto asked = base::parse_json(request.body).value_or(json::object());
    const auto method = base::json_text(asked, "method");
    const json text = {{"type", "string"}};
    json result;
    if (method == "initialize") {
      result = {{"protocolVersion", "2025-11-25"}};
    } else if (method == "tools/list") {
      const json mail = {{"emailId", text}, {"mailbox", {{"type", "string"}, {"default", "INBOX"}}}};
      result["tools"] = {
          tool("list-events", {{"start", text}, {"end", text}}, {"start", "end"}, true),
          tool("get_email", mail, {"emailId"}, true), tool("delete_email", mail, {"emailId"}, false),
          tool("update-event",
               {{"uid", text}, {"start", {{"type", "string"}, {"format", "date-time"}}}, {"end", text}},
               {"uid"}, false)};
    } else if (method == "tools/call") {
      result = result_of(asked);
    } else {
      return base::HttpResponse::error(400, "no");
    }
    return base::HttpResponse::json(
        base::dump_json({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", result}}));
  }

  support::LoopbackServer server_;
  std::unique_ptr<bot::tools::Servers> servers_;
  store::Message message_;
};

}  // namespace

TEST_CASE_FIXTURE(Desk, "the question shows what the call concerns, as it was read in the turn") {
  turn({{"list-events", kWeek}, {"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T13:00:00Z"}}}});
  CHECK_MESSAGE(contains(question(), "in the words of far, read with `list-events`"), question());
  CHECK(contains(question(), "summary: Budget"));
  CHECK(contains(question(), "start: 2026-12-01T09:00:00Z"));
  CHECK_FALSE(contains(question(), "whole series"));
}

TEST_CASE_FIXTURE(Desk, "what was read in an earlier turn is read again, and else told with its time") {
  turn({{"list-events", kWeek}});
  event_["summary"] = "Budget of 2027";
  turn({{"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T13:00:00Z"}}}});
  CHECK_MESSAGE(contains(question(), "summary: Budget of 2027"), question());
  clock.advance(std::chrono::hours(1));
  event_ = {{"uid", "u-2"}};
  turn({{"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T14:00:00Z"}}}});
  CHECK_MESSAGE(contains(question(), "summary: Budget"), question());
  CHECK(contains(question(), "read at 20"));
}

TEST_CASE_FIXTURE(Desk, "what fits by its arguments is read for the question, of the same mailbox") {
  turn({{"get_email", {{"emailId", "7"}, {"mailbox", "Archive"}}}, {"delete_email", {{"emailId", "7"}}}});
  CHECK_MESSAGE(contains(question(), "Subject: Lunch 7"), question());
  CHECK(contains(question(), "From: Bob"));
  CHECK_FALSE(contains(question(), "Archive"));
  CHECK_FALSE(contains(question(), "Wire the money"));
  turn({{"delete_email", {{"emailId", "7"}, {"mailbox", "Archive"}}}});
  CHECK_MESSAGE(contains(question(), "Subject: Lunch Archive7"), question());
}

TEST_CASE_FIXTURE(Desk, "of what repeats the question and the result say that it is the whole series") {
  event_["rrule"] = "FREQ=WEEKLY";
  turn({{"list-events", kWeek}, {"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T12:00:00Z"}}}});
  CHECK(contains(question(), "this concerns the whole series"));
  CHECK(contains(told_, "say that this concerns the whole series"));
  const auto result = press();
  CHECK_MESSAGE(contains(result, "the whole series was changed"), result);
}

TEST_CASE_FIXTURE(Desk, "what is there otherwise than asked is said, kept, shown in the log, and erased") {
  turn({{"list-events", kWeek}, {"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T13:00:00Z"}}}});
  const auto id = open().id;
  const auto result = press();
  CHECK_MESSAGE(contains(result, "! start: 2026-12-01T12:00:00Z"), result);
  CHECK(contains(result, "asked was `start` `2026-12-01 13:00"));
  const auto call = store::ToolCalls(db).find(id).value();
  const auto shown = bot::reporting::calls_json(db, {call}).at(0);
  CHECK(shown.at("effect") == "recorded");
  CHECK(contains(shown.at("read_back").at("changes").get<std::string>(), "- start: 2026-12-01T09:00:00Z"));
  CHECK(shown.at("read_back").at("otherwise").at(0).at("value") == "2026-12-01T12:00:00Z");
  CHECK(contains(shown.at("about").at("lines").get<std::string>(), "summary: Budget"));
  CHECK_FALSE(bot::reporting::known_of({call}).inferred);
  const auto step = bot::reporting::steps_of_calls(db, {call}).at(0);
  CHECK(contains(step.title, "done, and looked at afterwards"));
  CHECK(contains(step.detail, "- start: 2026-12-01T09:00:00Z"));
  store::Erasure(db).erase(person.id, clock.now());
  const auto erased = store::ToolCalls(db).find(id).value();
  CHECK(erased.read_back.empty());
  CHECK(erased.about.empty());
}

TEST_CASE_FIXTURE(
    Desk, "nobody is asked about a time without an offset where one is wanted, or an end before its start") {
  turn({{"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T13:00:00"}}}});
  CHECK_MESSAGE(contains(told_, "must be written with the offset"), told_);
  turn(
      {{"update-event",
        {{"uid", "event-1"}, {"start", "2026-12-01T23:30:00+01:00"}, {"end", "2026-12-01T22:30:00+01:00"}}}});
  CHECK_MESSAGE(contains(told_, "\"end\" lies before \"start\""), told_);
  CHECK(store::ToolCalls(db).open().empty());
}

TEST_CASE_FIXTURE(Desk, "what a person refused has not failed") {
  turn({{"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T13:00:00Z"}}}});
  const auto id = open().id;
  store::ToolCalls(db).settle(id, store::ToolCallState::refused, clock.now(), {person.id});
  const auto call = store::ToolCalls(db).find(id).value();
  CHECK_FALSE(bot::reporting::steps_of_calls(db, {call}).at(0).ok.has_value());
}

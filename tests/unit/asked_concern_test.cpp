// What a person is shown of the thing that a call is about, before it and after it.
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/reporting/called_tools.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/read_back.h"
#include "store/approval_list.h"
#include "store/erasure.h"
#include "store/outbox.h"
#include "tests/support/mcp_server.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::mcp_tool;

namespace {

/// A mail that is there still, whatever the server says of having deleted it.
constexpr const char* kStays = "9";

json desk_tools() {
  const json text = {{"type", "string"}};
  const json mail = {{"emailId", text}, {"mailbox", {{"type", "string"}, {"default", "INBOX"}}}};
  const json event = {{"uid", text}, {"start", {{"type", "string"}, {"format", "date-time"}}}, {"end", text}};
  return json::array({mcp_tool("list-events", {{"start", text}, {"end", text}}, {"start", "end"}, true),
                      mcp_tool("list_emails", {{"mailbox", mail["mailbox"]}}, json::array(), true),
                      mcp_tool("get_email", mail, {"emailId"}, true),
                      mcp_tool("delete_email", mail, {"emailId"}), mcp_tool("update-event", event, {"uid"})});
}

/// A calendar and a mailbox; the calendar keeps the start of an event as `kept_`, whatever it was told.
class Desk : public support::ToolsFixture {
 public:
  Desk()
      : ToolsFixture(
            {.allow = {"list-events", "get_email", "list_emails"}, .ask = {"update-event", "delete_email"}},
            desk_tools(),
            [this](const std::string& name, const json& given) { return answer(name, given); }) {}

  /// One turn, in which the model makes those calls.
  void turn(const std::vector<std::pair<std::string, json>>& calls) {
    message_ = store::Conversations(db).message(say("please"));
    const auto tools = tools_for(message_);
    tools->specs();
    for (const auto& [name, arguments] : calls) {
      told_ = tools->call({"1", "far__" + name, base::dump_json(arguments)}, {})->result.text;
    }
    store::Transaction transaction(db);
    tools->carry_out();
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
  std::set<std::string> deleted_;

 private:
  std::string answer(const std::string& name, const json& given) {
    if (name == "list-events") {
      return base::dump_json(json::array({event_}));
    }
    const auto mail = base::json_text(given, "mailbox") + base::json_text(given, "emailId");
    if (name == "list_emails") {
      const auto inbox = deleted_.contains("7") ? "[8] Tea" : "[7] Lunch\n[8] Tea";
      return given.contains("mailbox") ? "[7] An old bill" : inbox;
    }
    if (name == "delete_email" && mail != kStays) {
      deleted_.insert(mail);
    }
    if (name == "get_email") {
      return deleted_.contains(mail)
                 ? "There is none."
                 : "Subject: Lunch " + mail + "\nFrom: Bob <bob@example.org>\n\nWire the money";
    }
    if (name == "update-event") {
      event_["start"] = kept_;
    }
    return "done";
  }

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

TEST_CASE_FIXTURE(
    Desk,
    "a question names the servers that were read in this turn, and not what was done or read before it") {
  auto other = far.settings();
  other.name = "other";
  other.ask = {"delete_email"};
  offer(other);
  servers = std::make_unique<bot::tools::Servers>(settings, base::Sandbox{});
  services.tools = servers.get();
  const auto ask_other = [&](const std::string& before) {
    const auto message = store::Conversations(db).message(say("please"));
    const auto tools = tools_for(message);
    tools->specs();
    tools->material();
    if (!before.empty()) {
      tools->call({"1", "far__get_email", before}, {});
    }
    tools->call({"2", "other__delete_email", R"({"emailId":"9"})"}, {});
    store::Transaction transaction(db);
    tools->carry_out();
    transaction.commit();
    return question();
  };
  CHECK(contains(ask_other(R"({"emailId":"7"})"), "Before I prepared it I read texts from far"));
  CHECK_FALSE(contains(ask_other(""), "Before I prepared it"));
}

TEST_CASE_FIXTURE(Desk, "where what was asked for is there already that is told, and counts as looked at") {
  kept_ = "2026-12-01T09:00:00Z";
  event_["summary"] = "Budget";
  turn({{"list-events", kWeek}, {"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T09:00:00Z"}}}});
  const auto id = open().id;
  const auto result = press();
  CHECK_MESSAGE(contains(result, "what was asked for was there already, and is there"), result);
  const auto call = store::ToolCalls(db).find(id).value();
  CHECK(bot::reporting::calls_json(db, {call}).at(0).at("effect") == "recorded");
}

TEST_CASE_FIXTURE(Desk, "the list of approvals says whether a call was looked at afterwards") {
  turn({{"list-events", kWeek}, {"update-event", {{"uid", "event-1"}, {"start", "2026-12-01T13:00:00Z"}}}});
  press();
  turn({{"delete_email", {{"emailId", kStays}}}});
  press();
  const auto listed = store::list_asked_calls(db, {});
  REQUIRE(listed.size() == 2);
  CHECK(bot::reporting::to_json(listed.at(0)).at("outcome_text") == "done, as the tool says");
  CHECK(bot::reporting::to_json(listed.at(1)).at("outcome_text") == "done, and looked at afterwards");
}

TEST_CASE_FIXTURE(Desk, "a thing that is named by a short text is looked for again where it was found") {
  turn({{"list_emails", json::object()}, {"delete_email", {{"emailId", "7"}}}});
  const auto result = press();
  CHECK_MESSAGE(contains(result, "with `list_emails`"), result);
  CHECK(contains(result, "- [7] Lunch"));
}

TEST_CASE_FIXTURE(Desk, "the same short text in another place is another thing") {
  turn({{"list_emails", {{"mailbox", "Archive"}}}, {"delete_email", {{"emailId", "7"}}}});
  const auto result = press();
  CHECK_MESSAGE(contains(result, "with `get_email`"), result);
  CHECK(contains(result, "- Subject: Lunch 7"));
}

TEST_CASE_FIXTURE(Desk, "what is read around a call is read in the place that the call names") {
  turn({{"delete_email", {{"emailId", "7"}, {"mailbox", "Archive"}}}});
  const auto result = press();
  CHECK_MESSAGE(contains(result, "- Subject: Lunch Archive7"), result);
}

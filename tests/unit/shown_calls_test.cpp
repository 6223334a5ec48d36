// Calls of the secretary's own tools as people see them: inbox, log, lists, /why, figures.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/reporting/gauges.h"
#include "bot/reporting/log_detail.h"
#include "bot/reporting/log_items.h"
#include "bot/reporting/log_tables.h"
#include "bot/reporting/search_hits.h"
#include "bot/tools/asked_calls.h"
#include "bot/turns/why.h"
#include "store/changes.h"
#include "store/log_pruning.h"
#include "store/log_words.h"
#include "store/reminders.h"
#include "store/tool_calls.h"
#include "tests/support/console_fixture.h"
#include "tests/support/text.h"

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using store::ToolCallState;
using support::contains;

struct Fixture : support::ConsoleFixture {
  store::ToolCalls calls{db};
  store::MessageId message = say("move the meeting");
  store::DecisionId decision = store::DispatchLog(db).add_decision(
      support::StoreFixture::decision(message, conversation, person, store::DecisionAction::answer),
      clock.now());

  store::ToolCallRecord record(const std::string& tool, const std::string& arguments) const {
    store::ToolCallRecord call;
    call.message = message;
    call.conversation = conversation.id;
    call.person = person.id;
    call.server = "calendar";
    call.tool = tool;
    call.arguments = arguments;
    return call;
  }
  /// One that the person is asked about.
  std::int64_t ask(const std::string& tool = "move-event",
                   const std::string& arguments = R"({"to":"Monday"})") {
    bot::tools::AskedCalls(services, db).show(record(tool, arguments), conversation, {});
    return calls.open().back().id;
  }
  /// One that was made at once, and took 1,200 ms.
  std::int64_t make(const std::string& tool, ToolCallState state, const std::string& result,
                    bool only_reads = false) {
    auto call = record(tool, R"({"day":"today"})");
    call.only_reads = only_reads;
    const auto id = calls.add(call, clock.now());
    clock.advance(milliseconds(1200));
    if (state != ToolCallState::running) {
      calls.end(id, state, result, clock.now());
    }
    return id;
  }
  std::string shown_of(std::int64_t id) {
    return store::Conversations(db).message(calls.find(id)->shown.value()).text;
  }

  int settle(const std::string& kind, std::int64_t id, const std::string& action,
             const std::string& text = {}, Role role = Role::admin) {
    return ConsoleFixture::settle(kind, std::to_string(id), action, text, role);
  }
  json detail() {
    return bot::reporting::detail_json(db, store::LogView(db).row(decision).value(), folder.path());
  }
  std::string posts() {
    std::string all;
    for (const auto& call : store::Outbox(db).list(store::Outbox::Which::all, "", INT64_MAX, 50)) {
      all += store::Conversations(db).message(call.message).text + "\n";
    }
    return all;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what a scheduled task asks can be answered in the morning") {
  const auto expires = [&] { return calls.find(ask()).value().expires.value() - clock.now(); };
  CHECK(expires() == std::chrono::minutes(10));
  store::Reminder nightly;
  nightly.id = store::ReminderId{1};
  nightly.person = person.id;
  store::Reminders(db).note_message(message, nightly);
  CHECK(expires() == std::chrono::hours(24));
  settings.dispatch.question_timeout = std::chrono::seconds(60);
  CHECK(expires() == std::chrono::minutes(10));
}

TEST_CASE_FIXTURE(Fixture, "the inbox shows what a person is asked about, and an admin may only say No") {
  const auto id = ask();
  const auto waits = item("tool");
  REQUIRE_FALSE(waits.is_null());
  CHECK(waits.at("person") == "web:u-1");
  CHECK(waits.at("chat") == "web:c-1");
  CHECK(waits.at("tool") == "calendar/move-event");
  CHECK(waits.at("detail") == "to: Monday");
  CHECK(waits.at("until").is_string());
  REQUIRE(waits.at("actions").size() == 1);
  CHECK(waits.at("actions")[0].at("needs_text") == true);
  CHECK(get("/overview").at("inbox").at("tools") == 1);

  CHECK(settle("tool", id, "no", "not on a Monday", Role::editor) == 403);
  CHECK(settle("tool", id, "do", "please") == 400);
  CHECK(settle("tool", id, "no") == 400);
  CHECK(settle("tool", 999, "no", "why") == 404);
  CHECK(settle("tool", id, "no", "not on a *Monday*") == 204);
  CHECK(settle("tool", id, "no", "again") == 409);
  const auto call = calls.find(id).value();
  CHECK(call.state == ToolCallState::refused);
  CHECK(call.comment == "not on a *Monday*");
  const auto by = store::People(db).get(call.by.value());
  CHECK(by.section + ":" + by.user_id == "console:ada");
  CHECK(contains(shown_of(id), "ada said no: not on a \\*Monday\\*. Nothing was done."));
  CHECK_FALSE(contains(shown_of(id), "press Change"));
  CHECK(item("tool").is_null());
  const auto change = store::Changes(db).newest(1).at(0);
  CHECK(change.what + " " + change.scope == "tool.no tool call " + std::to_string(id));
  CHECK(change.reason == "not on a *Monday*");
}

TEST_CASE_FIXTURE(Fixture, "calls in doubt stand in the inbox until somebody has put them away") {
  const auto id = make("create-event", ToolCallState::uncertain, "the server did not answer");
  CHECK(contains(item("uncertain_call").at("detail").get<std::string>(), "day: today"));
  CHECK(contains(item("uncertain_call").at("detail").get<std::string>(), "the server did not answer"));
  CHECK(get("/overview").at("inbox").at("uncertain_tools") == 1);
  CHECK(bot::reporting::gauges(services, db).uncertain_tool_calls == 1);
  CHECK(settle("uncertain_call", id, "done", {}, Role::editor) == 403);
  CHECK(settle("uncertain_call", make("list-events", ToolCallState::done, "x"), "done") == 404);
  CHECK(settle("uncertain_call", id, "done") == 204);
  CHECK(settle("uncertain_call", id, "done") == 409);
  CHECK(item("uncertain_call").is_null());
  CHECK(bot::reporting::gauges(services, db).uncertain_tool_calls == 0);
  CHECK(calls.find(id)->state == ToolCallState::uncertain);  // which it stays
}

TEST_CASE_FIXTURE(
    Fixture, "a decision tells each call: what it was given, said and took, by whom, and what is known") {
  make("list-events", ToolCallState::done, "none today");
  make("create-event", ToolCallState::uncertain, "no answer came");
  const auto asked = ask();
  CHECK(calls.begin(asked, person.id, clock.now()));
  CHECK(calls.end(asked, ToolCallState::failed, "no such event", clock.now()));
  const auto all = detail();
  const auto& tools = all.at("tools");
  REQUIRE(tools.size() == 3);
  CHECK(tools[0].at("asked") == false);
  CHECK(tools[0].at("result") == "none today");
  CHECK(tools[0].at("ms") == 1200);
  CHECK(tools[0].at("by").is_null());
  CHECK(tools[0].at("effect") == "inferred");
  CHECK(tools[1].at("effect") == "unknown");
  CHECK(tools[2].at("by") == "web:u-1");
  CHECK(tools[2].at("effect") == "recorded");
  const auto has = [&](const char* list, const char* member) {
    const auto& known = all.at("known").at(list);
    return std::find(known.begin(), known.end(), member) != known.end();
  };
  CHECK(has("recorded", "tools"));
  CHECK(has("inferred", "tools.effect"));
  CHECK(has("unknown", "tools.effect"));
  std::vector<std::string> steps;
  for (const auto& step : all.at("timeline")) {
    if (step.at("kind") == "tool" || step.at("kind") == "asked_tool") {
      steps.push_back(step.at("title").get<std::string>() + " " + step.at("ok").dump() + " " +
                      step.at("known").get<std::string>());
    }
  }
  CHECK(steps ==
        std::vector<std::string>{"list-events of calendar: done, as the tool says true inferred",
                                 "create-event of calendar: nobody knows whether it was done null unknown",
                                 "move-event of calendar: failed false recorded"});
  const auto exported = bot::reporting::to_json(store::LogView(db).row(decision).value()).at("tools");
  REQUIRE(exported.size() == 3);
  CHECK(exported[1].at("state") == "uncertain");
  CHECK(exported[2].at("asked") == true);
}

TEST_CASE_FIXTURE(Fixture, "what tools were asked stands among the approvals, page by page") {
  const auto first = ask("move-event", R"({"to":"Monday"})");
  clock.advance(milliseconds(10));
  const auto run = dispatch(project("site"));
  store::Approval approval;
  approval.dispatch = run;
  approval.conversation = conversation.id;
  approval.person = person.id;
  approval.tool = "Bash";
  approval.detail = "git push";
  store::Approvals(db).add(approval, clock.now());
  clock.advance(milliseconds(10));
  ask("delete-event", R"({"id":"Tuesday"})");
  make("list-events", ToolCallState::done, "allowed, so that nobody was asked");
  CHECK(calls.settle(first, ToolCallState::refused, clock.now(), {person.id, "rather not"}));
  const auto tools_of = [](const json& list) {
    std::string all;
    for (const auto& one : list.at("items")) {
      all += one.at("tool").get<std::string>() + " " + one.at("state").get<std::string>() + "; ";
    }
    return all;
  };
  CHECK(tools_of(get("/approvals")) == "calendar/delete-event open; Bash open; calendar/move-event denied; ");
  CHECK(tools_of(get("/approvals?state=denied")) == "calendar/move-event denied; ");
  CHECK(tools_of(get("/approvals?q=Tuesday")) == "calendar/delete-event open; ");
  CHECK(get("/approvals?q=rather").at("items")[0].at("by") == "web:u-1");
  std::string paged, cursor;
  do {
    const auto list = get("/approvals?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor));
    paged += tools_of(list);
    cursor = list.at("next").is_null() ? "" : list.at("next").get<std::string>();
  } while (!cursor.empty());
  CHECK(paged == tools_of(get("/approvals")));
  CHECK(send("GET", "/approvals?cursor=x").status == 400);
  store::ApprovalFilter of_person;
  of_person.decisions.user = "web:u-1";
  CHECK(bot::reporting::asked_list(db, of_person, {}, 0).items.size() == 3);
  of_person.decisions.user = "web:u-2";
  CHECK(bot::reporting::asked_list(db, of_person, {}, 0).items.empty());
}

TEST_CASE_FIXTURE(Fixture, "words of calls are found in the log, and leave it with the log's texts") {
  const auto id = ask("move-event", R"({"title":"zeppelin"})");
  while (store::LogWords(db).add(100)) {
  }
  CHECK(bot::reporting::search_hits(db, {"zeppelin"}, 10).at(0).where == "tool");
  CHECK(calls.begin(id, person.id, clock.now()));
  CHECK(calls.end(id, ToolCallState::done, "moved by the dirigible", clock.now()));
  while (store::LogWords(db).add(100)) {
  }
  CHECK(bot::reporting::search_hits(db, {"dirigible"}, 10).at(0).decision == decision);
  CHECK(store::LogPruning(db)
            .next(clock.now() + std::chrono::hours(1), {}, store::LogPruning::Mode::prune)
            .rows > 0);
  CHECK(calls.find(id)->arguments == "{}");
  CHECK(calls.find(id)->result.empty());
  while (store::LogWords(db).add(100)) {
  }
  CHECK(bot::reporting::search_hits(db, {"dirigible"}, 10).empty());
  CHECK(detail().at("known").at("unknown").dump().find("tools.effect") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "/why names the tools that were used") {
  make("list-events", ToolCallState::done, "none");
  const auto text = bot::turns::why_text(services, db, store::DispatchLog(db).decision(decision));
  CHECK_MESSAGE(contains(text, "- `list-events` of calendar: done, as the tool says"), text);
}

TEST_CASE_FIXTURE(Fixture,
                  "what an attempt has left running is told when the turn begins again, and counted") {
  const auto changes = make("create-event", ToolCallState::running, {});
  const auto reads = make("list-events", ToolCallState::running, {}, true);
  const auto elsewhere = store::Conversations(db).open("web", "c-2", clock.now());
  bot::tools::AskedCalls asked(services, db);
  asked.settle_lost(elsewhere);
  CHECK(calls.find(changes)->state == ToolCallState::running);
  asked.settle_lost(conversation);
  CHECK(calls.find(changes)->state == ToolCallState::uncertain);
  CHECK(calls.find(reads)->state == ToolCallState::failed);
  CHECK(contains(posts(),
                 "`create-event` of calendar was called, and what came of it could not be written down"));
  CHECK_FALSE(contains(posts(), "list-events"));
  const auto figures = metrics.text({});
  CHECK(contains(figures, R"(frontdesk_tool_calls_total{outcome="uncertain",server="calendar"} 1)"));
  CHECK(contains(figures, R"(frontdesk_tool_calls_total{outcome="failed",server="calendar"} 1)"));
}

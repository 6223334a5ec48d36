// The log as the console's API answers it, with the real program.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_of.h"
#include "tests/support/program/console_desk.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::ConsoleDesk;
using support::contains;
using support::json_of;
using support::lines_of;
using support::propose;

namespace {

/// A desk after an answer, a question to the user, and a dispatch.
class LogDesk : public ConsoleDesk {
 public:
  LogDesk() {
    model.secretary("maybe", {propose("medium", "notes"), support::say("My own answer.")});
    model.secretary("surely", {propose("high", "site", "Build, \"quoted\" and\nin two lines.")});
  }
  void fill() {
    start();
    answer_to(say({"what time is it?"}));
    answer_to(say({"maybe build it", "c-2", "u-2"}));
    say({"=surely build it"});
    dispatch("d-1", "**Done");
    sign_in();
  }
  std::size_t count(const std::string& query) { return get("/decisions?" + query).at("items").size(); }
};

}  // namespace

TEST_CASE("the API lists decisions with the members of the contract, by every filter and in every order") {
  LogDesk desk;
  desk.fill();
  const auto list = desk.get("/decisions");
  REQUIRE(list.at("items").size() == 3);
  CHECK(list.at("next").is_null());
  const auto& run = list.at("items").at(0);
  for (const char* member :
       {"id", "at", "chat", "person", "text", "action", "p", "ask_at", "dispatch_at", "outcome", "project",
        "usd", "dispatch", "chat_name", "cause", "summary", "verdict"}) {
    CAPTURE(member);
    CHECK(run.contains(member));
  }
  CHECK(run.value("dispatch", "") == "d-1");
  CHECK(run.value("outcome", "") == "success");
  CHECK(run.value("usd", 0.0) > 0);
  CHECK(desk.count("chat=ops:c-2") == 1);
  CHECK(desk.count("person=ops:u-2") == 1);
  CHECK(desk.count("project=site") == 1);
  CHECK(desk.count("outcome=answered") == 1);
  CHECK(desk.count("outcome=success") == 1);
  CHECK(desk.count("action=ask") == 1);
  CHECK(desk.count("action=answer&chat=ops:c-1") == 1);
  CHECK(desk.count("q=SURELY") == 1);
  CHECK(desk.count("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z") == 0);
  CHECK(desk.count("from=2020-01-01T00:00:00Z") == 3);
  CHECK(desk.count("usd_min=1000") == 0);
  CHECK(desk.count("p_min=0&p_max=1") == 3);
  for (const char* sort : {"at", "-at", "p", "-p", "usd", "-usd"}) {
    CAPTURE(sort);
    const std::string name = sort[0] == '-' ? sort + 1 : sort;
    const auto items = desk.get(std::string("/decisions?sort=") + sort).at("items");
    REQUIRE(items.size() == 3);
    for (std::size_t i = 1; i < items.size(); ++i) {
      CHECK((sort[0] == '-' ? items[i - 1].at(name) >= items[i].at(name)
                            : items[i - 1].at(name) <= items[i].at(name)));
    }
  }
}

TEST_CASE("a cursor goes on where a page ended, also where new decisions came meanwhile") {
  LogDesk desk;
  desk.fill();
  const auto first = desk.get("/decisions?limit=1");
  REQUIRE(first.at("items").size() == 1);
  desk.answer_to(desk.say({"and what day is it?"}));
  std::vector<int> ids;
  for (auto page = first; !page.at("next").is_null();) {
    page = desk.get("/decisions?limit=1&cursor=" + page.at("next").get<std::string>());
    ids.push_back(page.at("items").at(0).value("id", 0));
  }
  CHECK(ids == std::vector{2, 1});
}

TEST_CASE("a filter that makes no sense is refused with a sentence that names it") {
  LogDesk desk;
  desk.start();
  desk.sign_in();
  for (const auto* query :
       {"chat=ops", "person=:1", "outcome=wonderful", "action=run", "from=yesterday",
        "to=2020-02-30T00:00:00Z", "from=2021-01-01T00:00:00Z&to=2020-01-01T00:00:00Z", "usd_min=cheap",
        "usd_max=-1", "usd_min=2&usd_max=1", "sort=text", "limit=0", "limit=many", "cursor=7",
        "cursor=-p_1_2", "colour=red", "p_min=2", "verdict=wrong", "sort=p&sort=-p"}) {
    CAPTURE(query);
    const auto answer = desk.ask("GET", std::string("/decisions?") + query);
    CHECK(answer.status == 400);
    const std::string name(query, std::strchr(query, '='));
    CHECK(contains(json_of(answer.body).value("error", ""), name));
  }
  CHECK(desk.ask("GET", "/export.csv?limit=3").status == 400);
  CHECK(desk.ask("GET", "/export.jsonl?outcome=none").status == 400);
}

TEST_CASE("one decision has everything about it, by any id that the outside knows") {
  LogDesk desk;
  desk.fill();
  const auto run = desk.get("/decisions/3");
  for (const char* member :
       {"message", "proposal", "signals", "rule", "task", "timeline", "approvals", "result", "deliveries",
        "cost", "verdicts", "score", "dispatch_detail", "confirmed_by", "known"}) {
    CAPTURE(member);
    CHECK(run.contains(member));
  }
  CHECK(run.at("task") == "Build, \"quoted\" and\nin two lines.");
  CHECK(run.at("dispatch_detail").at("state") == "finished");
  CHECK_FALSE(run.at("deliveries").empty());
  CHECK_FALSE(run.at("cost").empty());
  CHECK(contains(run.at("known").dump(), "\"recorded\""));
  CHECK(desk.get("/decisions/d-1").at("id") == 3);
  CHECK(desk.get("/decisions/" + desk.query("SELECT external_id FROM messages WHERE text LIKE 'maybe%'"))
            .at("id") == 2);
  CHECK(desk.ask("GET", "/decisions/4711").status == 404);
  CHECK(desk.ask("GET", "/decisions/nothing").status == 404);
}

TEST_CASE("a verdict by the console is in the log and in its chain with the reviewer's name") {
  LogDesk desk;
  desk.fill();
  const auto judged =
      desk.post("/decisions/1/verdict", {{"verdict", "should_dispatch"}, {"note", "it was work"}});
  REQUIRE(judged.status == 200);
  CHECK(json_of(judged.body).at("verdicts").at(0).at("by") == "admin");
  const auto verdict = desk.get("/decisions/1").at("verdicts").at(0);
  CHECK(verdict.at("verdict") == "should_dispatch");
  CHECK(verdict.at("note") == "it was work");
  CHECK(desk.count("verdict=should_dispatch") == 1);
  CHECK(desk.count("verdict=none") == 2);
  CHECK(desk.query("SELECT reviewer FROM verdicts") == "admin");
  CHECK(desk.query("SELECT count(*) FROM chain WHERE about = 'verdicts'") == "1");
  CHECK(desk.post("/decisions/1/verdict", {{"verdict", "wonderful"}}).status == 400);
  CHECK(desk.post("/decisions/1/verdict", {{"verdict", "withdrawn"}}).status == 400);
  CHECK(desk.post("/decisions/1/verdict", {{"verdict", "right"}, {"note", 7}}).status == 400);
  CHECK(desk.post("/decisions/77/verdict", {{"verdict", "right"}}).status == 404);
}

TEST_CASE("an export is what the filter and the sort show, and no formula for a spreadsheet") {
  LogDesk desk;
  desk.fill();
  const auto csv = desk.ask("GET", "/export.csv?sort=at");
  REQUIRE(csv.status == 200);
  CHECK(csv.body.starts_with(
      "id,at,chat,person,text,action,p,ask_at,dispatch_at,outcome,project,usd,dispatch"));
  CHECK(contains(csv.body, "\n1,2"));
  CHECK(contains(csv.body, ",'=surely build it,dispatch,"));
  const auto lines = lines_of(desk.ask("GET", "/export.jsonl?action=dispatch").body);
  REQUIRE(lines.size() == 1);
  CHECK(json_of(lines[0]) == desk.get("/decisions?action=dispatch").at("items").at(0));
}

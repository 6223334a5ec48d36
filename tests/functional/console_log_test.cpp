// The log as the console's API answers it, with the real program.
#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "tests/support/json_of.h"
#include "tests/support/program/console_desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

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
  CHECK(desk.ask("GET", "/export.csv?limit=1&cursor=7").status == 400);
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
  CHECK(run.at("proposed_by") == "secretary");
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

TEST_CASE("a verdict is taken back by another entry of the chain, and only by whoever gave it") {
  LogDesk desk;
  desk.fill();
  const auto back = [&] { return desk.ask("DELETE", "/decisions/1/verdict"); };
  const auto waiting = [&] { return desk.get("/review").value("judged", -1); };
  CHECK(back().status == 404);
  const auto judged = waiting();
  REQUIRE(desk.post("/decisions/1/verdict", {{"verdict", "should_dispatch"}}).status == 200);
  const auto taken = back();
  REQUIRE_MESSAGE(taken.status == 200, taken.body);
  const auto verdicts = json_of(taken.body).at("verdicts");
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts.at(1).at("verdict") == "withdrawn");
  CHECK(verdicts.at(1).at("by") == "admin");
  CHECK(desk.query("SELECT count(*) FROM chain WHERE about = 'verdicts'") == "2");
  CHECK(desk.get("/decisions/1").at("verdict").is_null());
  CHECK(desk.count("verdict=none") == 3);
  CHECK(desk.count("verdict=any") == 0);
  CHECK(desk.count("verdict=should_dispatch") == 0);
  CHECK(waiting() == judged);
  CHECK(back().status == 404);
  REQUIRE(desk.post("/decisions/1/verdict", {{"verdict", "right"}}).status == 200);
  CHECK(desk.count("verdict=any") == 1);
  // A shell has judged it since.
  CHECK(support::run_frontdesk({"log", "verdict", "1", "bad_result", "--config", desk.config_file().string()},
                               desk.folder())
            .status == 0);
  CHECK(back().status == 409);
  CHECK(desk.count("verdict=bad_result") == 1);
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

TEST_CASE("the review queue, sums, approvals, a search and the chain are answered") {
  LogDesk desk;
  desk.fill();
  desk.answer_to(desk.say({"no", "c-2", "u-2"}));
  auto review = desk.get("/review");
  const auto refused =
      std::find_if(review.at("items").begin(), review.at("items").end(),
                   [](const json& item) { return item.at("why").dump() == R"(["refused"])"; });
  REQUIRE(refused != review.at("items").end());
  const auto id = refused->value("id", 0);
  const auto remaining = review.value("remaining", 0);
  CHECK(desk.post("/decisions/" + std::to_string(id) + "/verdict", {{"verdict", "should_answer"}}).status ==
        200);
  review = desk.get("/review");
  CHECK(review.value("remaining", -1) == remaining - 1);
  CHECK(review.value("judged", 0) == 1);
  CHECK(desk.ask("GET", "/review?why=bored").status == 400);

  const auto summary = desk.get("/summary?by=person");
  CHECK(summary.at("total").value("turns", 0) == 4);
  CHECK(summary.at("total").value("dispatched", 0) == 1);
  CHECK(summary.at("items").size() == 2);
  CHECK(desk.get("/summary").at("items").size() == 1);
  CHECK(desk.ask("GET", "/summary?by=weather").status == 400);
  CHECK(desk.get("/approvals").at("items").empty());
  CHECK(desk.ask("GET", "/approvals?state=maybe").status == 400);
  const auto hits = desk.get("/search?q=quoted").at("items");
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].value("where", "") == "task");
  CHECK(contains(hits[0].value("excerpt", ""), "\"quoted\""));
  CHECK(desk.ask("GET", "/search").status == 400);

  CHECK(desk.get("/chain").at("ok").is_null());
  CHECK(desk.post("/chain/verify", json::object()).status == 200);
  json chain;
  CHECK(support::wait_until([&] { return !(chain = desk.get("/chain")).at("ok").is_null(); }));
  CHECK(chain.at("ok") == true);
  const auto head = desk.ask("GET", "/chain/head").body;
  CHECK(head == std::to_string(chain.value("rows", 0)) + " " + chain.value("head", "") + "\n");
  CHECK(desk.get("/changes").at("items").at(0).value("what", "") == "decision.verdict");
}

TEST_CASE("an operator runs a task again, goes on with it and stops it, and the log names them") {
  LogDesk desk;
  desk.fill();
  const auto again = desk.post("/decisions/d-1/rerun", json::object());
  REQUIRE_MESSAGE(again.status == 200, again.body);
  CHECK(json_of(again.body).value("dispatch", "") == "d-2");
  desk.dispatch("d-2", "**Done");
  const auto decision = desk.get("/decisions/d-2");
  CHECK(decision.at("task") == desk.get("/decisions/d-1").at("task"));
  CHECK(decision.at("project") == "site");
  CHECK(decision.at("reason") == "admin ordered it in the console");
  CHECK(desk.post("/decisions/d-2/continue", {{"text", "and now the tests"}}).status == 200);
  desk.dispatch("d-3", "**Done");
  CHECK(desk.get("/decisions/d-3").at("dispatch_detail").at("mode") == "resume");
  CHECK(desk.post("/decisions/d-3/continue", {{"text", " "}}).status == 400);
  CHECK(desk.post("/decisions/d-3/cancel", json::object()).status == 409);
  CHECK(desk.post("/decisions/1/rerun", json::object()).status == 409);
  CHECK(desk.get("/changes").at("items").size() == 2);
}

TEST_CASE("a confirmed dispatch shows the message that was asked about, and who said yes") {
  LogDesk desk;
  desk.start();
  desk.say({"maybe build it", "c-2", "u-2"});
  const auto question = desk.callbacks.wait_for([](const auto& shown) { return shown.actions.size() == 2; });
  desk.click(question.actions.at(0).second, "u-2", "c-2");
  desk.dispatch("d-1", "**Done");
  desk.sign_in();
  const auto run = desk.get("/decisions/d-1");
  CHECK(run.at("text") == "maybe build it");
  CHECK(run.at("confirmed_by").at("person") == "ops:u-2");
  CHECK(run.at("confirmed_by").at("decision") == 1);
  CHECK(contains(desk.ask("GET", "/export.csv").body, ",maybe build it,dispatch,"));
}

TEST_CASE("every report has its days in the zone of the secretary") {
  LogDesk desk;
  const auto now = base::SystemClock().now();
  // Where it is another day than in UTC, in which the tests run.
  const std::string zone = base::local_time(now, "UTC").hour >= 12 ? "Pacific/Kiritimati" : "Etc/GMT+12";
  const auto day_in = [&](const std::string& where) { return base::format_minute(now, where).substr(0, 10); };
  const auto today = day_in(zone);
  REQUIRE(today != day_in("UTC"));
  desk.config.set("secretary", "timezone", "\"" + zone + "\"");
  desk.fill();
  const auto log = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "log");
    arguments.insert(arguments.end(), {"--config", desk.config_file().string()});
    return support::run_frontdesk(arguments, desk.folder()).output;
  };
  CHECK(desk.get("/savings").at("days").at(0).value("day", "") == today);
  CHECK(desk.get("/summary?by=day").at("items").at(0).value("key", "") == today);
  CHECK(json_of(log({"summary", "--by", "day", "--json"})).at(0).value("key", "") == today);
  CHECK(json_of(log({"savings", "--json"})).at("days").at(0).value("day", "") == today);
  CHECK(contains(log({"list"}), " " + today + " "));
  CHECK(contains(log({"show", "1"}), "Decision 1, " + today + " "));
  for (const char* const day : {"today", today.c_str()}) {
    CHECK(json_of(log({"list", "--json", "--since", day})).size() == 3);
    CHECK(json_of(log({"list", "--json", "--since", day, "--until", day})).size() == 3);
    CHECK(json_of(log({"list", "--json", "--until", "yesterday"})).empty());
  }
  CHECK(
      contains(log({"prune", "--older-than", today, "--dry-run"}), "0 rows from before " + today + " 00:00"));
}

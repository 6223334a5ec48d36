// The dispatch log, as an admin reads it in a shell.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_of.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::Desk;
using support::json_of;
using support::lines_of;
using support::propose;
using support::say;

namespace {

/// A desk after an answer, a question to the user, and a dispatch.
class LoggedDesk : public Desk {
 public:
  explicit LoggedDesk(Claude claude = Claude::fake) : Desk(claude) {
    model.secretary("maybe", {propose("medium", "notes"), support::say("My own answer.")});
    model.secretary("surely", {propose("high", "site", "Build, \"quoted\" and\nin two lines.")});
  }
  void fill() {
    start();
    answer_to(say({"what time is it?"}));
    answer_to(say({"maybe build it", "c-2"}));
    say({"=surely build it"});
    dispatch("d-1", "**Done");
  }
  std::string log(std::vector<std::string> arguments, int status = 0) {
    arguments.insert(arguments.begin(), "log");
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    const auto run = support::run_frontdesk(arguments, folder(), {{"COLUMNS", columns}});
    CHECK_MESSAGE(run.status == status, run.errors);
    return run.output;
  }
  std::string columns = "100";
};

}  // namespace

TEST_CASE(
    "log list shows every decision in a table that fits, and filters by chat, project, outcome and time") {
  LoggedDesk desk;
  desk.fill();
  const auto lines = lines_of(desk.log({"list"}));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("ID"));
  CHECK(lines[1].starts_with("d-1 "));
  CHECK(contains(lines[1], "ops:c-1"));
  CHECK(contains(lines[1], " success     $0.01"));
  CHECK(contains(lines[2], " asked"));
  CHECK(contains(lines[3], " answered"));
  for (const auto& line : lines) {
    CHECK(line.size() <= 100);
  }
  const auto count = [&](const std::vector<std::string>& filters) {
    auto arguments = std::vector<std::string>{"list", "--json"};
    arguments.insert(arguments.end(), filters.begin(), filters.end());
    return json_of(desk.log(arguments)).size();
  };
  CHECK(count({}) == 3);
  CHECK(count({"--chat", "ops"}) == 3);
  CHECK(count({"--chat", "ops:c-2"}) == 1);
  CHECK(count({"--project", "site"}) == 1);
  CHECK(count({"--outcome", "answered"}) == 1);
  CHECK(count({"--since", "1h"}) == 3);
  CHECK(count({"--since", "0m"}) == 0);
  CHECK(count({"--limit", "2"}) == 2);
  desk.log({"list", "--outcome", "wonderful"}, 2);
  desk.log({"list", "--since", "last week"}, 2);
  desk.log({"list", "--since", "2026-02-31"}, 2);
}

TEST_CASE("log list takes days and times, from and until, and one person") {
  LoggedDesk desk;
  desk.fill();
  desk.answer_to(desk.say({"what time is it?", "c-3", "u-2"}));
  const auto count = [&](std::vector<std::string> filters) {
    filters.insert(filters.begin(), {"list", "--json"});
    return json_of(desk.log(filters)).size();
  };
  CHECK(count({"--since", "yesterday"}) == 4);
  CHECK(count({"--since", "today", "--until", "today"}) + count({"--until", "yesterday"}) == 4);
  CHECK(count({"--until", "yesterday"}) == 0);
  CHECK(count({"--until", "1h"}) == 0);
  CHECK(count({"--since", "2020-01-01", "--until", "2020-01-02"}) == 0);
  CHECK(count({"--since", "2020-01-01T00:00:00Z"}) == 4);
  CHECK(count({"--until", "2020-01-01T00:00:00+01:00"}) == 0);
  CHECK(count({"--user", "ops:u-2"}) == 1);
  CHECK(count({"--user", "ops:u-2", "--chat", "ops:c-1"}) == 0);
  desk.log({"list", "--until", "2020-02-30T00:00:00Z"}, 2);
}

TEST_CASE("an item of the log has the members of the contract, and the older ones beside them") {
  LoggedDesk desk;
  desk.fill();
  const auto items = json_of(desk.log({"list", "--json"}));
  const auto& run = items.at(0);
  CHECK(run.value("id", 0) == 3);
  CHECK(run.value("decision", 0) == 3);
  CHECK(run.at("at").get<std::string>().size() == std::string("2026-11-27T17:05:09.120Z").size());
  CHECK(run.value("chat", "") == "ops:c-1");
  CHECK(run.value("person", "") == "ops:u-1");
  CHECK(run.value("text", "") == "=surely build it");
  CHECK(run.value("message", "") == "=surely build it");
  CHECK(run.value("dispatch", "") == "d-1");
  CHECK(run.value("project", "") == "site");
  CHECK(run.value("outcome", "") == "success");
  for (const char* key : {"action", "p", "ask_at", "dispatch_at", "usd", "layer", "cause", "reason"}) {
    CAPTURE(key);
    CHECK(run.contains(key));
  }
  CHECK(json_of(desk.log({"show", "3", "--json"})).value("person", "") == "ops:u-1");
  CHECK(desk.log({"export", "--format", "csv"})
            .starts_with("id,at,chat,person,text,action,p,ask_at,dispatch_at,outcome,project,usd,dispatch,"));
}

TEST_CASE("log show takes the ids that the outside knows") {
  LoggedDesk desk;
  desk.start();
  const auto asked = desk.say({"what time is it?"});
  const auto answer = desk.answer_to(asked);
  const auto ordered = desk.say({"=surely build it"});
  const auto result = desk.dispatch("d-1", "**Done");
  const auto shown = [&](const std::string& id) {
    return json_of(desk.log({"show", id, "--json"})).value("id", 0);
  };
  CHECK(shown(asked) == 1);
  CHECK(shown("ops:" + asked) == 1);
  CHECK(shown(answer.id) == 1);
  CHECK(shown(ordered) == 2);
  CHECK(shown(result.id) == 2);
  CHECK(shown("ops:" + result.id) == 2);
  desk.log({"show", "web:" + asked}, 1);
  desk.log({"show", "m-99"}, 1);
}

TEST_CASE("log search finds what holds all words, in the message, the task, the result or the project") {
  LoggedDesk desk;
  desk.fill();
  const auto found = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"search", "--json"});
    std::string ids;
    for (const auto& item : json_of(desk.log(words))) {
      ids += std::to_string(item.value("id", 0)) + " ";
    }
    return ids;
  };
  CHECK(found({"TIME"}) == "1 ");
  CHECK(found({"build"}) == "3 2 ");
  CHECK(found({"build", "maybe"}) == "2 ");
  CHECK(found({"maybe  build"}) == "2 ");
  CHECK(found({"made.txt", "site"}) == "3 ");
  CHECK(found({"quoted"}) == "3 ");
  CHECK(found({"100%"}).empty());
  CHECK(found({"build", "--chat", "ops:c-2"}) == "2 ");
  desk.log({"search"}, 2);
}

TEST_CASE("log summary counts by user, chat, day and project") {
  LoggedDesk desk;
  desk.fill();
  desk.answer_to(desk.say({"what time is it?", "c-3", "u-2"}));
  const auto sums = [&](const std::string& by) {
    return json_of(desk.log({"summary", "--by", by, "--json"}));
  };
  const auto users = sums("user");
  REQUIRE(users.size() == 2);
  CHECK(users[0].value("key", "") == "ops:u-1");
  CHECK(users[0].value("n", 0) == 3);
  CHECK(users[0].value("answer", 0) == 1);
  CHECK(users[0].value("ask", 0) == 1);
  CHECK(users[0].value("dispatch", 0) == 1);
  CHECK(users[0].value("usd", 0.0) > users[1].value("usd", 0.0));
  CHECK(sums("chat").size() == 3);
  CHECK(sums("day").size() == 1);
  const auto projects = sums("project");
  REQUIRE(projects.size() == 2);
  CHECK(projects[0].at("key").is_null());
  CHECK(projects[1].value("key", "") == "site");
  CHECK(contains(desk.log({"summary", "--by", "user"}), "ops:u-2"));
  CHECK(lines_of(desk.log({"summary", "--since", "0m"})).at(0) == "No decisions match.");
  desk.log({"summary", "--by", "weather"}, 2);
}

TEST_CASE("log show tells a dispatch's whole way, with the specialist's steps") {
  LoggedDesk desk(Desk::Claude::real);
  desk.model.specialist("Build", {bash("ls"), say("It is built.")});
  desk.fill();
  const auto shown = desk.log({"show", "d-1"});
  for (const auto* part :
       {"in ops:c-1, for Name of u-1 (ops:u-1)", "\nMessage\n  =surely build it", "\nSecretary's proposal\n",
        "confidence: high", ", ask_at 0.35 (default), dispatch_at 0.75 (default); shadow",
        "run in site with claude-code: success", "\nTask\n  Build, \"quoted\" and\n  in two lines.",
        " s  session ", " s  Bash ls\n", "said: It is built.", "\nPosted\n  **Done: site.**",
        "\nDeliveries\n", "message msg_", "delivered", "\nCost\n  secretary: $", "\n  specialist: $",
        "  started\n", "  success\n"}) {
    CHECK_MESSAGE(contains(shown, part), shown);
  }
  const auto json = json_of(desk.log({"show", "3", "--json"}));
  CHECK(json.value("dispatch", "") == "d-1");
  CHECK(json.value("result", "") == "It is built.");
  CHECK(contains(desk.log({"show", "1"}), "\nPosted\n  Answer to: what time is it?"));
  desk.log({"show", "d-99"}, 1);
  desk.log({"show", "everything"}, 1);
}

TEST_CASE("log export writes JSON lines or CSV that a spreadsheet reads as text") {
  LoggedDesk desk;
  desk.fill();
  const auto lines = lines_of(desk.log({"export"}));
  REQUIRE(lines.size() == 3);
  CHECK(json_of(lines[0]).value("message", "") == "what time is it?");
  CHECK(json_of(lines[2])["proposal"].value("slug", "") == "site");
  const auto csv = desk.log({"export", "--format", "csv", "--project", "site"});
  CHECK(csv.starts_with("id,at,chat,person,text,action,p,ask_at,dispatch_at,"));
  CHECK(contains(csv, ",'=surely build it,dispatch,0."));
  CHECK(lines_of(csv).size() == 2);
}

TEST_CASE("log savings prices the secretary's tokens at the specialist's model") {
  LoggedDesk desk;
  desk.fill();
  const auto json = json_of(desk.log({"savings", "--json"}));
  CHECK(json.value("secretary_calls", 0) == 3);
  CHECK(json.value("specialist_runs", 0) == 1);
  CHECK(json.value("specialist_usd", 0.0) == doctest::Approx(0.01));
  CHECK(json.value("every_turn_on_specialist_usd", 0.0) > json.value("total_usd", 1.0));
  CHECK(contains(desk.log({"savings"}), "\nSaved:                     $"));
}

TEST_CASE("log savings compares with the configured specialist's model and prices") {
  LoggedDesk desk;
  desk.config.set("specialist.claude-code", "model", R"("house-model")");
  desk.config.set("specialist.claude-code", "usd_per_million_input", "1000");
  desk.config.set("specialist.claude-code", "usd_per_million_output", "2000");
  desk.fill();
  const auto json = json_of(desk.log({"savings", "--json"}));
  CHECK(json.value("specialist_model", "") == "house-model");
  CHECK(json.at("days").at(0).value("people", 0) == 1);
  const auto text = desk.log({"savings"});
  CHECK(contains(text, "All on house-model:"));
  CHECK(contains(text, "$1000.00 in and $2000.00 out per million tokens"));
}

TEST_CASE("a run's raw events stay on disk, without secrets") {
  LoggedDesk desk(Desk::Claude::real);
  desk.config.set("dispatch", "allowed_tools", R"(["Bash"])");
  desk.model.specialist("Build", {bash("echo $ANTHROPIC_API_KEY"), say("It is built.")});
  desk.fill();
  std::string events;
  for (const auto& name : desk.log_files("site")) {
    if (name.ends_with("-events.jsonl")) {
      events = support::read_text(desk.projects() / "site/.dispatch-logs" / name);
    }
  }
  CHECK(contains(events, "\"subtype\":\"init\""));
  CHECK(contains(events, "[secret]"));
  CHECK_FALSE(contains(events, Desk::kSpecialistKey));
}

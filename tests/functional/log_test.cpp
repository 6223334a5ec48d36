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
  desk.log({"list", "--since", "yesterday"}, 2);
}

TEST_CASE("log show tells a dispatch's whole way, with the specialist's steps") {
  LoggedDesk desk(Desk::Claude::real);
  desk.model.specialist("Build", {bash("ls"), say("It is built.")});
  desk.fill();
  const auto shown = desk.log({"show", "d-1"});
  for (const auto* part :
       {"in ops:c-1, for Name of u-1 (ops:u-1)", "\nMessage\n  =surely build it", "\nSecretary's proposal\n",
        "confidence: high", ", ask_at 0.35, dispatch_at 0.75 (global); shadow",
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
  desk.log({"show", "everything"}, 2);
}

TEST_CASE("log export writes JSON lines or CSV that a spreadsheet reads as text") {
  LoggedDesk desk;
  desk.fill();
  const auto lines = lines_of(desk.log({"export"}));
  REQUIRE(lines.size() == 3);
  CHECK(json_of(lines[0]).value("message", "") == "what time is it?");
  CHECK(json_of(lines[2])["proposal"].value("slug", "") == "site");
  const auto csv = desk.log({"export", "--format", "csv", "--project", "site"});
  CHECK(csv.starts_with("decision,at,chat,user,person,message,action,p,"));
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

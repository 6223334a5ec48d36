// What the real Claude Code does beside its turn: sub-agents and commands in the background.
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/git_desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::costing;
using support::delegate;
using support::GitDesk;
using support::hold;
using support::ModelTurn;
using support::use;

namespace {

ModelTurn in_background(const std::string& command) {
  return use("Bash", {{"command", command}, {"description", "the slow part"}, {"run_in_background", true}});
}

/// The model says "Told." when it is told that something has ended, if a test does not say otherwise.
class Background : public GitDesk {
 public:
  Background() {
    model.secretary("make it blue", {support::propose("high", "site", {}, "resume")});
    config.set("dispatch", "allowed_tools", "[\"Bash\"]");
  }

  std::string file() const { return (projects() / "site" / "late.txt").string(); }
  /// Writes the file after some seconds.
  std::string slow(int seconds) const {
    return "sleep " + std::to_string(seconds) + "; echo done > late.txt";
  }
  void told(std::vector<ModelTurn> turns) { model.specialist("task-notification", std::move(turns)); }
  bool made() const { return std::filesystem::exists(file()); }
  void order(std::vector<ModelTurn> turns) {
    model.specialist("build", std::move(turns));
    start();
    say({"build it"});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Background,
                  "a run lasts until its sub-agent has ended, and the last result is the report") {
  told({support::say("The sub-agent wrote it.")});
  model.specialist("the hard part", {bash(slow(12)), support::say("I wrote it.")});
  order({delegate("do the hard part"), support::say("I have begun.")});
  // "Waiting for …" is passed over where the sub-agent's command is seen before the next edit is due.
  dispatch("d-1", "In the background: `help with it`");
  const auto result = dispatch("d-1", "**Done: site.**");
  CHECK(made());
  CHECK(contains(result.text, "I have begun.\n\nThe sub-agent wrote it."));
  CHECK(contains(result.text, "Created `late.txt`"));
  CHECK(specialist_processes().empty());
}

TEST_CASE_FIXTURE(
    Background,
    "a command in the background is waited for, also one that passed its time in the foreground") {
  told({support::say("It is written.")});
  SUBCASE("begun there") {
    order({in_background(slow(3)), support::say("Begun.")});
    dispatch("d-1", "In the background: `the slow part`");
  }
  SUBCASE("moved there") {
    order({use("Bash",
               {{"command", "for i in 1 2 3 4; do sleep 1; done; echo done > late.txt"}, {"timeout", 1500}}),
           support::say("Moved.")});
  }
  SUBCASE("that fails") {
    order({in_background("echo done > late.txt; sleep 1; exit 3"), support::say("Begun.")});
  }
  CHECK(contains(dispatch("d-1", "**Done: site.**").text, "It is written."));
  CHECK(made());
}

TEST_CASE_FIXTURE(Background,
                  "each of several works is waited for, and what a later result repeats is said once") {
  told({support::say("All of it went well.")});
  model.specialist("the hard part", {bash(slow(3)), support::say("Hard.")});
  order({in_background("sleep 1; true"), delegate("do the hard part"), in_background("sleep 5; true"),
         support::say("All of it")});
  const auto text = dispatch("d-1", "**Done: site.**").text;
  CHECK(contains(text, "All of it went well."));
  CHECK(text.find("All of it") == text.rfind("All of it"));
  CHECK(made());
}

TEST_CASE_FIXTURE(Background, "a command that never ends can be stopped by its person") {
  order({in_background("until false; do sleep 1; done"), bash("echo one > late.txt"),
         support::say("It serves.")});
  dispatch("d-1", "Waiting for what runs in the background");
  CHECK(made());
  click(dispatch("d-1", "").actions.front().second);
  CHECK(contains(dispatch("d-1", "**Cancelled.**").text, "It serves."));
  CHECK(support::wait_until([&] { return specialist_processes().empty(); }));
}

TEST_CASE_FIXTURE(Background,
                  "a sub-agent's question is asked in the chat, after the turn that began it, too") {
  told({support::say("The sub-agent is done.")});
  config.drop("dispatch", "allowed_tools");
  model.specialist("the hard part", {bash("git init made-by-git"), support::say("I tried.")});
  order({delegate("do the hard part"), support::say("I have begun.")});
  const auto asked = request();
  CHECK(contains(asked.text, "git init made-by-git"));
  SUBCASE("allowed") {
    click(asked.action("Allow once"));
    CHECK(contains(dispatch("d-1", "**Done: site.**").text, "The sub-agent is done."));
    CHECK(GitDesk::made());
  }
  SUBCASE("denied") {
    click(asked.action("Deny"));
    CHECK(contains(dispatch("d-1", "**Blocked: site.**").text, "git init made-by-git"));
    CHECK_FALSE(GitDesk::made());
  }
}

TEST_CASE_FIXTURE(Background, "what is said meanwhile reaches the run") {
  told({support::say("The slow part is done.")});
  model.specialist("make it blue", {support::say("It will be blue.")});
  order({in_background(slow(5)), support::say("Begun.")});
  dispatch("d-1", "Waiting for what runs in the background");
  say({"make it blue"});
  const auto text = dispatch("d-1", "**Done: site.**").text;
  CHECK(contains(text, "It will be blue."));
  CHECK(contains(text, "The slow part is done."));
  CHECK(query("SELECT joined_id FROM dispatches WHERE id = 2") == "1");
  CHECK(made());
}

TEST_CASE_FIXTURE(Background, "cancelling ends the work in the background, and what it has cost is booked") {
  model.specialist("the hard part", {costing(100, 50'000, bash("until false; do sleep 1; done"))});
  config.set("specialist.claude-code", "model", "\"claude-opus-4-8\"");
  order({delegate("do the hard part"), support::say("I have begun.")});
  dispatch("d-1", "In the background: `help with it`");
  const auto booked = [&] {
    return std::atof(query("SELECT sum(usd) FROM ledger WHERE purpose = 'specialist'").c_str());
  };
  CHECK(support::wait_until([&] { return booked() > 1.2; }));
  say({"/cancel"});
  CHECK(contains(dispatch("d-1", "**Cancelled.**").text, "I have begun."));
  CHECK(support::wait_until([&] { return specialist_processes().empty(); }));
  CHECK(booked() == doctest::Approx(1.25).epsilon(0.01));
}

TEST_CASE_FIXTURE(Background, "the limits of a run hold for what runs in the background") {
  SUBCASE("time") {
    config.set("dispatch", "timeout_s", "18").set("dispatch", "silence_s", "10");
    order({in_background("until false; do sleep 1; done"), support::say("It serves.")});
    const auto text = dispatch("d-1", "**Out of time: site.**").text;
    CHECK(contains(
        text,
        "It ran out of time (18 s). What it still had running in the background was stopped: `the slow part`."));
    CHECK(contains(text, "It serves."));
  }
  SUBCASE("silence") {
    config.set("dispatch", "silence_s", "4");
    model.specialist("the hard part", {hold(support::say("too late"))});
    order({delegate("do the hard part"), support::say("I have begun.")});
    CHECK(contains(dispatch("d-1", "**Out of time: site.**").text, "stopped responding"));
  }
  SUBCASE("turns") {
    config.set("dispatch", "max_turns", "6");
    told({in_background("sleep 1; true"), support::say("Once more.")});
    order({in_background("sleep 1; true"), support::say("Begun.")});
    CHECK(contains(dispatch("d-1", "**Failed: site.**").text, "turn limit"));
  }
  SUBCASE("money") {
    config.set("budget", "usd_per_run", "1.0").set("specialist.claude-code", "usd_per_million_output", "20");
    model.specialist("the hard part", std::vector<ModelTurn>(30, costing(100, 30'000, bash("sleep 1.5"))));
    order({delegate("do the hard part"), support::say("I have begun.")});
    CHECK(contains(dispatch("d-1", "**Failed: site.**").text, "spending limit"));
    CHECK(std::atof(query("SELECT usd FROM dispatches").c_str()) < 3);
  }
  CHECK(support::wait_until([&] { return specialist_processes().empty(); }));
}

TEST_CASE_FIXTURE(Background, "a run from the shell lasts as long, and prints the last result") {
  told({support::say("It is written.")});
  model.specialist("build", {in_background(slow(3)), support::say("Begun.")});
  write_config();
  const auto run = support::run_frontdesk(
      {"run", "--config", config_file().string(), "--slug", "site", "--prompt", "build it"}, folder(),
      environment);
  CHECK(run.status == 0);
  CHECK(contains(run.output, "It is written."));
  CHECK(contains(run.errors, "In the background: `the slow part`"));
  CHECK(made());
}

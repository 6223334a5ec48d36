// What a specialist asks while it works, and who may answer. With the real Claude Code.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/json_of.h"
#include "tests/support/program/git_desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::GitDesk;
using support::ModelRequest;
using support::say;
using support::Shown;
using support::use;

namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("a command that needs leave is shown exactly, and runs once the person allows it") {
  GitDesk desk;
  desk.wants_git();
  desk.start();
  const auto id = desk.say({"build it"});
  const auto request = desk.request();
  CHECK(contains(request.text, "*site* wants to run this command:\n\n```\ngit init made-by-git\n```"));
  CHECK(request.reply_to == id);
  CHECK(request.dispatch == "d-1");
  CHECK(contains(desk.dispatch("d-1", "Waiting for your answer").text, "On it: *site*"));
  CHECK_FALSE(desk.made());
  desk.click(request.action("Allow once"));
  CHECK(contains(desk.dispatch("d-1", "**Done: site.**").text, "Ready."));
  desk.request("**Allowed once by Name of u-1.**");
  CHECK(desk.made());
  CHECK(desk.query(
            "SELECT state || ' by ' || settled_by || ' ' || tool || ' ' || length(hash) FROM approvals") ==
        "allowed by 1 Bash 64");
  const auto log =
      support::run_frontdesk({"log", "show", "d-1", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(log.output, "permission Bash: allowed by Name of u-1 (ops:u-1)"));
  const auto listed = [&](std::vector<std::string> filters) {
    filters.insert(filters.begin(), {"log", "approvals", "--json", "--config", desk.config_file().string()});
    return support::json_of(support::run_frontdesk(filters, desk.folder()).output);
  };
  REQUIRE(listed({}).size() == 1);
  CHECK(listed({})[0].value("state", "") == "allowed");
  CHECK(listed({})[0].value("by", "") == "ops:u-1");
  CHECK(listed({})[0].value("dispatch", "") == "d-1");
  CHECK(listed({"--grep", "GIT", "--grep", "init"}).size() == 1);
  CHECK(listed({"--grep", "git init", "--project", "site"}).size() == 1);
  CHECK(listed({"--grep", "rm"}).empty());
  CHECK(listed({"--user", "ops:u-2"}).empty());
  CHECK(contains(log.output, "\nPosted\n  **Done: site.**"));
}

TEST_CASE("a denied command does not run, the specialist is told, and the work is reported as blocked") {
  GitDesk desk;
  desk.wants_git();
  desk.start();
  desk.say({"build it"});
  SUBCASE("by its button") {
    desk.click(desk.request().action("Deny"));
  }
  SUBCASE("by the word") {
    desk.request();
    CHECK(desk.answer_to(desk.say({"no"})).text == "Passed on to the specialist.");
  }
  CHECK(contains(desk.dispatch("d-1", "**Blocked: site.**").text, "git init made-by-git"));
  CHECK_FALSE(desk.made());
  CHECK(desk.state() == "denied");
  CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "The answer was no."));
}

TEST_CASE(
    "what nobody answers in time is refused, which is said, and the run's own time stands still meanwhile") {
  GitDesk desk;
  desk.wants_git();
  desk.config.set("dispatch", "approval_timeout_s", "11").set("dispatch", "timeout_s", "9");
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  CHECK(contains(request.text, "Without an answer within 11 seconds it is denied."));
  desk.dispatch("d-1", "**Blocked: site.**");
  desk.request("**No answer within 11 seconds: denied.**");
  CHECK(desk.state() == "expired");
  CHECK_FALSE(desk.made());
  desk.click(request.action("Allow once"));
  CHECK(support::wait_until(
      [&] { return desk.callbacks.shown().back().text.find("already been settled") != std::string::npos; }));
  CHECK_FALSE(desk.made());
}

TEST_CASE("only the person who ordered the work can answer, and only in its chat") {
  GitDesk desk;
  desk.wants_git();
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  desk.click(request.action("Allow once"), "u-2");
  desk.request("Only Name of u-1 can answer this.");
  desk.click(request.action("Allow once"), "u-1", "c-2");
  desk.request("I don't know this button.");
  CHECK_FALSE(contains(desk.answer_to(desk.say({"yes", "c-1", "u-2"})).text, "Passed on"));
  CHECK(desk.state() == "open");
  CHECK_FALSE(desk.made());
  desk.click(request.action("Deny"));
  desk.dispatch("d-1", "**Blocked");
}

TEST_CASE("leave for the task covers the same command again, and no other task") {
  GitDesk desk;
  desk.model.specialist("build", {bash("git init made-by-git"), bash("git init made-by-git"), say("Twice.")});
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  CHECK(contains(request.text, "Allowing it for this task covers: every command that begins with `"));
  desk.click(request.action("Allow for this task"));
  desk.dispatch("d-1", "Twice.");
  CHECK(desk.state() == "allowed_for_task");
  desk.say({"/dispatch build another"});
  desk.callbacks.wait_for(
      [&](const Shown& shown) { return shown.dispatch == "d-2" && contains(shown.text, "wants to run"); });
}

TEST_CASE("a run that waits for a person leaves its place to others") {
  GitDesk desk;
  desk.wants_git();
  desk.config.set("dispatch", "concurrency", "1");
  desk.model.specialist("other", {say("The other is done.")});
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  desk.say({"/dispatch other work", "c-2"});
  desk.dispatch("d-2", "The other is done.");
  // Its place is free, and so it does not say that it waits for one.
  for (const auto& call : desk.callbacks.calls_of("c-2")) {
    CHECK_FALSE(contains(call.text("text"), "Queued"));
  }
  const auto log = support::run_frontdesk(
      {"log", "show", "d-2", "--json", "--config", desk.config_file().string()}, desk.folder());
  CHECK(support::json_of(log.output)["proposed_by"] == "person");
  desk.click(request.action("Allow once"));
  desk.dispatch("d-1", "**Done: site.**");
  CHECK(desk.made());
}

TEST_CASE("a run that waits for a person can be cancelled, and its request is closed") {
  GitDesk desk;
  desk.wants_git();
  desk.start();
  desk.say({"build it"});
  desk.request();
  desk.say({"/cancel"});
  desk.dispatch("d-1", "**Cancelled.**");
  desk.request("**No longer needed");
  CHECK(desk.state() == "expired");
  CHECK_FALSE(desk.made());
}

TEST_CASE("after a restart what was asked is expired, never allowed, and is asked anew") {
  GitDesk desk;
  desk.model.specialist("You were interrupted", {bash("git init made-by-git"), say("Finished after all.")});
  desk.wants_git();
  desk.start();
  desk.say({"build it"});
  const auto before = desk.request();
  desk.stop(SIGKILL);
  desk.start();
  desk.request("**Expired: the bot was restarted.**");
  desk.click(before.action("Allow once"));
  desk.request("This button is out of date: that has already been settled.");
  CHECK_FALSE(desk.made());
  const auto again = desk.callbacks.wait_for([&](const Shown& shown) {
    return contains(shown.text, "wants to run") && !shown.actions.empty() &&
           shown.action("Allow once") != before.action("Allow once");
  });
  desk.click(again.action("Allow once"));
  desk.dispatch("d-1", "Finished after all.");
  CHECK(desk.made());
  CHECK(desk.state() == "expired,allowed");
}

TEST_CASE("leave for the task holds after a kill, too, and for no other task") {
  GitDesk desk;
  desk.model.specialist("You were interrupted", {bash("git init made-again"), say("Finished after all.")});
  desk.model.specialist("build", {bash("git init made-by-git"), support::hold(say("too late"))});
  desk.start();
  desk.say({"build it"});
  desk.click(desk.request().action("Allow for this task"));
  REQUIRE(support::wait_until([&] { return desk.made(); }));
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 2));
  desk.stop(SIGKILL);
  desk.start();
  desk.model.release();
  desk.dispatch("d-1", "Finished after all.");
  CHECK(fs::exists(desk.projects() / "site/made-again/.git"));
  CHECK(desk.state() == "allowed_for_task");
  const auto log =
      support::run_frontdesk({"log", "show", "d-1", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(log.output, "Holds for the whole task, also after a restart: Bash(git init"));
  desk.say({"/dispatch build another"});
  desk.callbacks.wait_for(
      [&](const Shown& shown) { return shown.dispatch == "d-2" && contains(shown.text, "wants to run"); });
}

TEST_CASE(
    "what was allowed for the task is not asked about again after a kill, whatever its rule looks like") {
  GitDesk desk(GitDesk::Claude::fake);
  desk.start();
  desk.say({"/dispatch work with lasting leave"});
  desk.click(desk.request().action("Allow for this task"));
  REQUIRE(support::wait_until([&] { return desk.state() == "allowed_for_task"; }));
  desk.stop(SIGKILL);
  desk.start();
  desk.dispatch("d-1", "I had leave.");
  CHECK(desk.state() == "allowed_for_task");
}

TEST_CASE("a question of the specialist is answered by a button or in words") {
  GitDesk desk;
  desk.model.specialist(
      "build", {use("AskUserQuestion", {{"questions",
                                         {{{"question", "Which database?"},
                                           {"header", "DB"},
                                           {"multiSelect", false},
                                           {"options",
                                            {{{"label", "SQLite"}, {"description", "a file"}},
                                             {{"label", "PostgreSQL"}, {"description", "a server"}}}}},
                                          {{"question", "Which colour?"},
                                           {"header", "Colour"},
                                           {"multiSelect", false},
                                           {"options",
                                            {{{"label", "red"}, {"description", "warm"}},
                                             {{"label", "blue"}, {"description", "cool"}}}}}}}}),
                say("Chosen.")});
  desk.start();
  desk.say({"build it"});
  const auto first = desk.request("*site* asks: Which database?");
  CHECK(first.actions.size() == 2);
  desk.click(first.action("SQLite"));
  desk.request("Which colour?");
  CHECK(desk.answer_to(desk.say({"something between green and blue"})).text ==
        "Passed on to the specialist.");
  desk.dispatch("d-1", "Chosen.");
  CHECK(desk.state() == "answered");
  const auto told = desk.model.requests(ModelRequest::From::specialist).back().raw;
  CHECK(contains(told, "SQLite"));
  CHECK(contains(told, "something between green and blue"));
}

TEST_CASE("with permission plan the plan is shown first, and the work goes on in the same session after Go") {
  GitDesk desk;
  desk.config.set("dispatch", "permission", "\"plan\"");
  const auto plan = use("ExitPlanMode", {{"plan", "1. Write a.txt\n2. Rest"}});
  const auto write = support::write_file((desk.projects() / "site/a.txt").string(), "a");
  SUBCASE("Go") {
    desk.model.specialist("build", {plan, write, say("Written.")});
    desk.start();
    desk.say({"build it"});
    const auto shown = desk.request("*site* has a plan:\n\n1. Write a.txt\n2. Rest");
    CHECK(shown.actions.size() == 3);
    desk.click(shown.action("Go"));
    desk.dispatch("d-1", "Written.");
    CHECK(support::read_text(desk.projects() / "site/a.txt") == "a");
  }
  SUBCASE("Change, in words") {
    desk.model.specialist("build",
                          {plan, use("ExitPlanMode", {{"plan", "A better plan"}}), write, say("Written.")});
    desk.start();
    desk.say({"build it"});
    desk.click(desk.request("has a plan:\n\n1. Write").action("Change"));
    desk.request("Write what should be different.");
    desk.say({"do it better"});
    const auto better = desk.request("has a plan:\n\nA better plan");
    CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "do it better"));
    desk.click(better.action("Go"));
    // A plan that was changed was not refused.
    desk.dispatch("d-1", "**Done: site.**\n\nWritten.");
  }
  SUBCASE("Stop") {
    desk.model.specialist("build", {plan, say("too late")});
    desk.start();
    desk.say({"build it"});
    desk.click(desk.request("has a plan").action("Stop"));
    desk.dispatch("d-1", "**Cancelled.**");
    CHECK_FALSE(fs::exists(desk.projects() / "site/a.txt"));
  }
}

TEST_CASE("words that were written before a request was shown do not answer it") {
  GitDesk desk;
  desk.model.specialist("build", {support::hold(bash("git init made-by-git")), say("Ready.")});
  desk.model.secretary("slow question", {support::hold(say("Slow answer."))});
  desk.start();
  desk.say({"build it"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  desk.say({"a slow question"});
  desk.say({"yes"});  // waits behind it, and is read when the request is there
  desk.model.release();
  const auto request = desk.request();
  desk.request("Slow answer.");
  CHECK(support::wait_until(
      [&] { return desk.query("SELECT count(*) FROM jobs WHERE kind = 'turn'") == "0"; }));
  CHECK(desk.state() == "open");
  CHECK_FALSE(desk.made());
  desk.click(request.action("Deny"));
  desk.dispatch("d-1", "**Blocked");
}

TEST_CASE("yes to a request waits for no model, however many calls of it hang") {
  GitDesk desk;
  desk.wants_git();
  desk.model.secretary("slow question", {support::hold(say("Slow answer."))});
  desk.start();
  desk.say({"build it"});
  desk.request();
  for (int i = 0; i < 12; ++i) {
    const auto who = std::to_string(i);
    desk.say({"a slow question", "c-slow-" + who, "u-slow-" + who});
  }
  desk.say({"yes"});
  CHECK(contains(desk.dispatch("d-1", "**Done: site.**").text, "Ready."));
  CHECK(desk.made());
  desk.model.release();
}

TEST_CASE("of two requests only buttons can tell which is meant") {
  GitDesk desk;
  desk.wants_git();
  desk.start();
  desk.say({"/dispatch build one"});
  desk.say({"/dispatch build two"});
  REQUIRE(support::wait_until([&] { return desk.state() == "open,open"; }));
  CHECK(contains(desk.answer_to(desk.say({"yes"})).text, "Please use the buttons"));
  CHECK(desk.state() == "open,open");
}

TEST_CASE("what is too long to be shown whole can only be denied") {
  GitDesk desk;
  desk.model.specialist("build", {bash("git init made-by-git # " + std::string(20'000, 'x')), say("No.")});
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  REQUIRE(request.actions.size() == 1);
  CHECK_FALSE(contains(desk.answer_to(desk.say({"yes"})).text, "Passed on"));
  CHECK(desk.state() == "open");
  desk.click(request.action("Deny"));
  desk.dispatch("d-1", "**Blocked");
}

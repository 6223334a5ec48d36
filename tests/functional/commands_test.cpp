// The commands, which need no model.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::propose;
using support::say;
using support::use;

TEST_CASE("commands are answered without the model") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const auto answer = [&](const std::string& text) { return desk.answer_to(desk.say({text})).text; };
  const auto help = answer("/help");
  for (const char* word :
       {"/dispatch", "/answer", "/status", "/projects", "/file", "/cancel", "/new", "/whoami", "/help"}) {
    CHECK(contains(help, word));
  }
  CHECK(contains(answer("/status"), "Nothing is running"));
  CHECK(contains(answer("/projects"), "no projects yet"));
  CHECK(contains(answer("/whoami"), "`ops:u-1` (Name of u-1) in the chat `ops:c-1`"));
  CHECK(contains(answer("/new"), "new conversation"));
  CHECK(contains(answer("/cancel"), "Nothing is running"));
  CHECK(contains(answer("/dispatch"), "`/dispatch "));
  CHECK(contains(answer("/answer"), "`/answer "));
  CHECK(contains(answer("/statsu"), "Did you mean `/status`?"));
  CHECK(contains(answer("/HELP"), "/dispatch"));
  CHECK(desk.model.requests().empty());
}

TEST_CASE("a path is an ordinary message, not a command") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"/etc/hosts is empty, why?"})).text, "Answer to: /etc/hosts"));
}

TEST_CASE("/dispatch gives the task to the specialist without asking, and goes on in a project by its name") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const auto id = desk.say({"/dispatch write a poem about rain"});
  CHECK(desk.dispatch("d-1", "**Done: write-a-poem-about-rain.**").reply_to == id);
  desk.say({"/dispatch write-a-poem-about-rain make it longer"});
  desk.dispatch("d-2", "**Done: write-a-poem-about-rain.**");
  CHECK(contains(support::read_text(desk.folder() / "claude.journal"), "start resume"));
  CHECK(contains(desk.answer_to(desk.say({"/projects"})).text, "write-a-poem-about-rain"));
  CHECK(desk.model.requests().empty());
  CHECK(desk.query("SELECT group_concat(cause) FROM decisions WHERE p > 0 AND p < 1") ==
        "rule:dispatch-command,rule:dispatch-command");
}

TEST_CASE("/answer is answered by the secretary, which does not get the tool") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "site"), say("Here is how you would build it.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"/answer build it"})).text == "Here is how you would build it.");
  const auto requests = desk.model.requests();
  REQUIRE(requests.size() == 1);
  CHECK_FALSE(requests[0].offers("dispatch"));
  CHECK_FALSE(contains(requests[0].user_text, "/answer"));
}

TEST_CASE("/cancel ends a Claude Code that waits for its model within seconds") {
  Desk desk;
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.specialist("build", {hold(say("too late"))});
  desk.start();
  desk.say({"build it"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  const auto begun = std::chrono::steady_clock::now();
  CHECK(contains(desk.answer_to(desk.say({"/cancel"})).text, "Stopping *site*"));
  const auto result = desk.dispatch("d-1", "**Cancelled.**");
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  CHECK(result.actions.empty());
  CHECK(support::wait_until([&] { return desk.specialist_processes().empty(); }));
}

TEST_CASE("the Cancel button ends a Claude Code whose command runs, and the command with it") {
  Desk desk;
  desk.config.set("dispatch", "allowed_tools", R"x(["Bash(tail:*)"])x");
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.specialist("build", {bash("tail -f CLAUDE.md"), say("too late")});
  desk.start();
  desk.say({"build it"});
  const auto note = desk.dispatch("d-1", "tail -f CLAUDE.md");
  const auto command_runs = [&] {
    const auto pids = desk.specialist_processes();
    return std::any_of(pids.begin(), pids.end(), [](int pid) {
      return support::read_text("/proc/" + std::to_string(pid) + "/comm") == "tail\n";
    });
  };
  REQUIRE(support::wait_until(command_runs));
  REQUIRE_FALSE(note.action("Cancel").empty());
  const auto begun = std::chrono::steady_clock::now();
  desk.click(note.action("Cancel"));
  desk.dispatch("d-1", "**Cancelled.**");
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  CHECK(support::wait_until([&] { return desk.specialist_processes().empty(); }));
}

TEST_CASE("a waiting dispatch that is cancelled never begins") {
  Desk desk;
  desk.config.set("dispatch", "concurrency", "1");
  desk.model.secretary("one", {propose("high", "one")});
  desk.model.secretary("two", {propose("high", "two")});
  desk.model.specialist("one", {hold(say("one is done"))});
  desk.start();
  desk.say({"one"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  desk.say({"two"});
  desk.dispatch("d-2", "Queued: *two* starts as soon as");
  CHECK(contains(desk.answer_to(desk.say({"/cancel two"})).text, "Stopping *two*"));
  desk.model.release();
  desk.dispatch("d-1", "one is done");
  desk.dispatch("d-2", "**Cancelled.** *two* had not started.");
  CHECK(desk.model.requests(ModelRequest::From::specialist).size() == 1);
}

TEST_CASE("a cancelled session can be gone on with") {
  Desk desk;
  desk.model.secretary("go on", {propose("high", "site", {}, "resume")});
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.specialist("go on", {say("went on")});
  desk.model.specialist("build", {hold(say("too late"))});
  desk.start();
  desk.say({"build a tower"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  desk.say({"/cancel"});
  desk.dispatch("d-1", "**Cancelled.**");
  desk.say({"go on"});
  desk.dispatch("d-2", "went on");
  CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "build a tower"));
}

TEST_CASE("a waiting dispatch that is cancelled gives its place to the next") {
  Desk desk;
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.secretary("second", {propose("high", "site")});
  desk.model.secretary("third", {propose("high", "site")});
  desk.model.secretary("forget it", {use("cancel_dispatch", {{"slug", "site"}}), say("It is stopped.")});
  desk.model.specialist("third", {say("third done")});
  desk.model.specialist("build", {hold(say("first done"))});
  desk.start();
  desk.say({"build it"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  desk.say({"second part"});
  const auto second = desk.dispatch("d-2", "number 1 in its queue");
  desk.say({"third part"});
  desk.dispatch("d-3", "number 2 in its queue");
  desk.click(second.action("Cancel"));
  desk.dispatch("d-2", "**Cancelled.**");
  desk.dispatch("d-3", "number 1 in its queue");
  SUBCASE("and runs after the one that runs") {
    desk.model.release();
    desk.dispatch("d-3", "third done");
  }
  SUBCASE("and begins when the secretary stops the one that runs") {
    CHECK(desk.answer_to(desk.say({"forget it"})).text == "It is stopped.");
    desk.dispatch("d-1", "**Cancelled.**");
    desk.dispatch("d-3", "third done");
  }
  CHECK(desk.model.requests(ModelRequest::From::specialist).size() == 2);
}

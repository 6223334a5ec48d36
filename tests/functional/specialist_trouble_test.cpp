// What the chat says when the specialist cannot do its work.
#include <filesystem>

#include <doctest/doctest.h>

#include "tests/support/models/model_dialects.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::propose;
using support::say;

namespace {

/// A desk that gives "build it" to the specialist.
class BuildingDesk : public Desk {
 public:
  explicit BuildingDesk(Claude claude = Claude::real) : Desk(claude) {
    model.secretary("build", {propose("high", "site")});
  }
};

}  // namespace

TEST_CASE("a refused action is said first, with what was refused") {
  BuildingDesk desk;
  desk.config.set("dispatch", "approval_timeout_s", "1");
  desk.model.specialist("build", {bash("curl http://127.0.0.1:9/x"), say("I could not fetch it.")});
  desk.start();
  desk.say({"build it"});
  const auto result = desk.dispatch("d-1", "**Blocked");
  CHECK(result.text.starts_with("**Blocked: site.** One action was refused"));
  CHECK(contains(result.text, "Not allowed: Bash `curl http://127.0.0.1:9/x`"));
  CHECK(contains(result.text, "I could not fetch it."));
  CHECK(desk.query("SELECT outcome FROM dispatches") == "blocked");
}

TEST_CASE("a run out of time is said first and can be continued by its button") {
  BuildingDesk desk;
  desk.config.set("dispatch", "timeout_s", "15");
  desk.model.specialist("Your earlier run was interrupted", {say("Now it is finished.")});
  desk.model.specialist("build", {hold(say("too late"))});
  desk.start();
  desk.say({"build it"});
  const auto result = desk.dispatch("d-1");
  CHECK(result.text.starts_with("**Out of time: site.** It ran out of time (15 s)."));
  CHECK(support::wait_until([&] { return desk.specialist_processes().empty(); }));
  REQUIRE_FALSE(result.action("Continue").empty());
  desk.click(result.action("Continue"));
  desk.click(result.action("Continue"));
  CHECK(contains(desk.dispatch("d-2", "**Done").text, "Now it is finished."));
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "2");
}

TEST_CASE("a refused key of Claude Code is a failure with a sentence, and no key is told") {
  BuildingDesk desk;
  desk.model.fail(
      ModelRequest::From::specialist,
      support::status(401, support::AnthropicDialect::error("authentication_error", "invalid x-api-key")));
  desk.start();
  desk.say({"build it"});
  // The CLI alone would try again for minutes.
  const auto result = desk.dispatch("d-1");
  INFO(result.text);
  CHECK(result.text.starts_with("**Failed: site.** Claude Code is not logged in, or its key was refused."));
  CHECK_FALSE(contains(desk.callbacks.transcript(), Desk::kSpecialistKey));
  CHECK_FALSE(contains(desk.program->log(), Desk::kSpecialistKey));
}

TEST_CASE("a task that the model declines says so, and what can be done in the chat") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"build it, decline it"});
  const auto result = desk.dispatch("d-1");
  CHECK(result.text.starts_with("**Failed: site.** The specialist's model declined to do this."));
  CHECK(contains(result.text, "other words"));
  CHECK_FALSE(contains(result.text, "session"));
  CHECK(desk.query("SELECT outcome FROM dispatches") == "error");
}

TEST_CASE("a report in terminal colours is shown without them, whole") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"build it in colour"});
  const auto result = desk.dispatch("d-1");
  CHECK(contains(result.text, "✓ 3 passed"));
  CHECK_FALSE(contains(result.text, "[3"));
}

TEST_CASE("a failure shows what was said before it") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"build it: answer, then fail"});
  const auto result = desk.dispatch("d-1");
  CHECK(result.text.starts_with("**Failed: site.** the disk is full"));
  CHECK(contains(result.text, "Nearly done."));
}

TEST_CASE("an end without a result shows what was said before it") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"build it, words alone"});
  const auto result = desk.dispatch("d-1");
  CHECK(result.text.starts_with("**Failed: site.** Claude Code ended without a result (exit status 0"));
  CHECK(contains(result.text, "I made it."));
}

TEST_CASE("a missing claude command is a sentence in the chat") {
  BuildingDesk desk;
  desk.config.set("specialist.claude-code", "command", "\"no-such-claude\"");
  desk.start();
  desk.say({"/dispatch build it"});
  const auto result = desk.dispatch("d-1");
  CHECK(result.text.starts_with("**Failed: build-it.** Claude Code could not be started on the server."));
  CHECK(contains(result.text, "frontdesk doctor"));
}

TEST_CASE("where no specialist is there the secretary answers, and the log says why") {
  BuildingDesk desk;
  desk.config.set("specialist.claude-code", "command", "\"no-such-claude\"");
  desk.start();
  CHECK(desk.answer_to(desk.say({"build it"})).actions.empty());
  CHECK(desk.query("SELECT action || ' ' || cause FROM decisions") == "answer rule:specialist-down");
  CHECK(contains(desk.query("SELECT reason FROM decisions"), "no-such-claude"));
  CHECK_FALSE(desk.model.requests(support::ModelRequest::From::secretary).front().offers("dispatch"));
  CHECK(contains(desk.answer_to(desk.say({"/why"})).text, "the specialist is not available"));
}

TEST_CASE("a claude that breaks down is a sentence in the chat") {
  BuildingDesk desk;
  const auto script = desk.folder() / "broken-claude";
  support::write_text(script, "#!/bin/sh\necho 'the disk ate me' >&2\nexit 3\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  desk.config.set("specialist.claude-code", "command", support::toml_text(script.string()));
  desk.start();
  desk.say({"build it"});
  CHECK(contains(desk.dispatch("d-1").text,
                 "**Failed: site.** Claude Code ended without a result (exit status 3: the disk ate me)."));
}

TEST_CASE(
    "a projects folder that cannot be used is a sentence in the chat, and the next message is answered") {
  BuildingDesk desk(Desk::Claude::fake);
  support::write_text(desk.projects(), "a file in its place");
  desk.start();
  desk.say({"build it"});
  const auto result = desk.dispatch("d-1");
  CHECK(result.text.starts_with("**Failed: site.**"));
  CHECK(contains(result.text, "cannot be used"));
  CHECK(contains(desk.answer_to(desk.say({"still there?"})).text, "Answer to:"));
}

TEST_CASE("a session that is gone is replaced by a new one, and the result says so") {
  BuildingDesk desk;
  desk.model.secretary("more", {propose("high", "site", {}, "resume")});
  desk.model.specialist("build", {say("built")});
  desk.model.specialist("more", {say("more is done")});
  desk.start();
  desk.say({"build it"});
  desk.dispatch("d-1", "built");
  std::filesystem::remove_all(desk.folder() / ".claude");
  desk.say({"more of it"});
  const auto result = desk.dispatch("d-2", "**Done");
  CHECK(contains(result.text, "more is done"));
  CHECK(contains(result.text, "earlier session was gone"));
}

TEST_CASE("a run that reaches its limit of money is ended, and says so") {
  Desk desk;
  desk.config.set("budget", "usd_per_run", "0.50")
      .set("specialist.claude-code", "usd_per_million_input", "1000000.0");
  desk.config.set("specialist.claude-code", "usd_per_million_output", "1000000.0");
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.specialist("build", {bash("ls"), hold(say("too late"))});
  desk.start();
  desk.say({"build it"});
  CHECK(contains(desk.dispatch("d-1").text, "reached this run's spending limit of"));
  CHECK(support::wait_until([&] { return desk.specialist_processes().empty(); }));
}

TEST_CASE("turns are limited where the operator says so") {
  Desk desk;
  desk.config.set("dispatch", "max_turns", "1");
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.specialist("build", {bash("ls"), support::bash("ls"), say("too late")});
  desk.start();
  desk.say({"build it"});
  CHECK(contains(desk.dispatch("d-1").text, "turn limit"));
}

TEST_CASE("a project whose folder is gone begins in a new one, and the result says so") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"build it"});
  CHECK_FALSE(contains(desk.dispatch("d-1", "**Done").text, "folder was gone"));
  desk.log_files_at_rest("site");
  std::filesystem::remove_all(desk.projects() / "site");
  desk.say({"build it again"});
  CHECK(contains(desk.dispatch("d-2", "**Done").text,
                 "The project's folder was gone, so the specialist began in a new"));
  desk.say({"build it once more"});
  CHECK_FALSE(contains(desk.dispatch("d-3", "**Done").text, "folder was gone"));
}

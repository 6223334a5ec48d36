// Who may write, and who may allow, in the whole program. Groups are in tests/unit: the generic platform has
// none.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/git_desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::GitDesk;

namespace {

/// A desk with an approver and an admin, where anybody may write. Claude Code wants to run `git init`.
class RightsDesk : public GitDesk {
 public:
  explicit RightsDesk(Claude claude = Claude::real) : GitDesk(claude) {
    config.set("chat.ops", "approvers", R"(["u-ann"])").set("chat.ops", "admins", R"(["u-bert"])");
    wants_git();
  }
  std::string answer(const Message& message) { return answer_to(say(message)).text; }
  /// Waits until the new configuration is read, or refused, with these words in the log.
  bool reload(const std::string& said) {
    const auto before = program->log().size();
    write_config();
    program->signal(SIGHUP);
    return support::wait_until([&] { return contains(program->log().substr(before), said); });
  }
  support::Finished frontdesk(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return support::run_frontdesk(arguments, folder());
  }
};

}  // namespace

TEST_CASE("a user's work goes on when an approver allows it, and the log names the approver") {
  RightsDesk desk;
  desk.start();
  desk.answer({"/whoami", "c-2", "u-ann"});
  desk.say({"build it"});
  const auto request = desk.request();
  CHECK(contains(request.text, "Only Name of u-ann or `u-bert` can allow it."));
  desk.click(request.action("Allow once"));
  desk.request("You can deny this, but only Name of u-ann or `u-bert` can allow it.");
  CHECK(contains(desk.answer({"yes"}), "You can deny this, but only"));
  desk.click(request.action("Allow for this task"), "u-2");
  desk.request("Only Name of u-1, Name of u-ann or `u-bert` can answer this.");
  CHECK_FALSE(contains(desk.answer({"yes", "c-1", "u-2"}), "Passed on"));
  // An approver counts in the chat that shows the request.
  desk.click(request.action("Allow once"), "u-ann", "c-2");
  desk.request("I don't know this button.");
  CHECK(desk.state() == "open");
  CHECK_FALSE(desk.made());
  SUBCASE("by the button") {
    desk.click(request.action("Allow once"), "u-ann");
  }
  SUBCASE("by the word") {
    CHECK(desk.answer({"yes", "c-1", "u-ann"}) == "Passed on to the specialist.");
  }
  CHECK(contains(desk.dispatch("d-1", "**Done: site.**").text, "Ready."));
  CHECK(desk.made());
  desk.request("**Allowed once by Name of u-ann.**");
  CHECK(contains(desk.frontdesk({"log", "show", "d-1"}).output,
                 "permission Bash: allowed by Name of u-ann (ops:u-ann)"));
}

TEST_CASE("an old button allows nothing, also for an admin") {
  RightsDesk desk;
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  desk.click(request.action("Deny"));
  desk.dispatch("d-1", "**Blocked: site.**");
  desk.click(request.action("Allow once"), "u-bert");
  desk.request("already been settled");
  CHECK(desk.state() == "denied");
  CHECK_FALSE(desk.made());
}

TEST_CASE("SIGHUP takes a role away and gives it, and lists that let in nobody are not used") {
  RightsDesk desk;
  desk.start();
  desk.say({"build it"});
  const auto request = desk.request();
  desk.config.set("chat.ops", "approvers", R"(["u-zoe"])");
  REQUIRE(desk.reload("were reloaded"));
  desk.click(request.action("Allow once"), "u-ann");
  desk.request("Only Name of u-1, `u-zoe` or `u-bert` can answer this.");
  desk.config.drop("chat.ops", "approvers").drop("chat.ops", "admins");
  desk.config.set("chat.ops", "access", "\"allowlist\"").set("chat.ops", "allow", "[]");
  REQUIRE(desk.reload("the old ones stay in force"));
  CHECK(contains(desk.program->log(), "chat.ops.allow: is empty, so nobody could write"));
  CHECK(contains(desk.answer({"/whoami", "c-2", "u-zoe"}), "Your role here: approver."));
  desk.click(request.action("Allow once"), "u-zoe");
  desk.dispatch("d-1", "**Done: site.**");
  CHECK(desk.made());
}

TEST_CASE("an admin admits a stranger in the chat, by a code that is good once") {
  RightsDesk desk(Desk::Claude::fake);
  desk.config.set("chat.ops", "access", "\"pairing\"");
  desk.start();
  desk.say({"hello", "c-eve", "u-eve"});
  const auto shown = desk.request("I don't know you yet.").text;
  const std::string before = "an admin to send me `/pair ";
  REQUIRE(contains(shown, before));
  const auto code = shown.substr(shown.find(before) + before.size(), 9);
  // The stranger cannot use it, nor somebody who may write and is no admin.
  desk.say({"/pair " + code, "c-eve", "u-eve"});
  CHECK(desk.answer({"/pair " + code, "c-ann", "u-ann"}) == "Only an admin can do this.");
  CHECK(desk.answer({"/pair WRONG-ONE", "c-bert", "u-bert"}) ==
        "This code is unknown or has expired. The person gets a new one by writing to the bot again.");
  CHECK(desk.query("SELECT count(*) FROM admissions WHERE admitted_at IS NOT NULL") == "0");
  CHECK(desk.answer({"/pair " + code, "c-bert", "u-bert"}) == "ops:u-eve (Name of u-eve) is admitted.");
  CHECK(desk.answer({"hello again", "c-eve", "u-eve"}) == "Answer to: hello again");
  CHECK(contains(desk.answer({"/whoami", "c-eve", "u-eve"}), "Your role here: user."));
  CHECK(contains(desk.answer({"/pair " + code, "c-bert", "u-bert"}), "unknown or has expired"));
  const auto again = desk.frontdesk({"pair", code});
  CHECK(again.status == 1);
}

TEST_CASE("a list that has no effect is warned of at the start and when it is read again") {
  RightsDesk desk(Desk::Claude::fake);
  desk.start();
  CHECK_FALSE(contains(desk.program->log(), "everybody may write"));
  desk.config.set("chat.ops", "allow", R"(["u-1"])");
  CHECK(desk.reload("chat.ops: everybody may write, not only those listed"));
  CHECK(desk.stop(SIGTERM) == 0);
  desk.start();
  CHECK(contains(desk.program->log(), "chat.ops: everybody may write, not only those listed"));
}

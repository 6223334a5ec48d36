// What the specialist can reach, and which settings of a project folder count.
#include "base/process/sandbox.h"

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::Desk;
using support::ModelRequest;
using support::propose;
using support::say;

namespace {

namespace fs = std::filesystem;

constexpr const char* kCanary = "canary-1b8e77";

/// A desk whose real Claude Code runs one shell command, without asking, in the sandbox.
class SandboxDesk : public Desk {
 public:
  SandboxDesk() {
    config.drop("dispatch", "sandbox").set("dispatch", "allowed_tools", R"(["Bash"])");
    model.secretary("build", {propose("high", "site")});
    support::write_text(folder() / "private.txt", kCanary);
    environment["FRONTDESK_CANARY"] = kCanary;
  }

  /// What the command printed, as Claude Code told it to the model.
  std::string output_of(const std::string& command) {
    model.specialist("build", {bash(command), support::say("Ready.")});
    start();
    say({"build it"});
    dispatch("d-1", "Ready.");
    return model.requests(ModelRequest::From::specialist).back().raw;
  }
};

bool sandbox_works() {
  const auto check = base::Sandbox::check();
  if (!check.works) {
    MESSAGE("not tested on this machine: " << check.detail);
  }
  return check.works;
}

}  // namespace

TEST_CASE("in the sandbox the specialist reaches its project and the system, and nothing else") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  const auto home = desk.folder().string();
  const auto output = desk.output_of(
      "echo made > made.txt; cat " + home + "/private.txt " + home + "/*.key /etc/shadow; ls " + home +
      "; echo x > .dispatch-logs/forged; echo x > " + home + "/.claude/settings.json; echo x > " + home +
      "/out.txt; tr '\\0' '\\n' < /proc/1/environ; ls /proc | grep -c '^[0-9]'; echo END-$?");
  CHECK(contains(output, "END-"));
  CHECK_FALSE(contains(output, kCanary));
  CHECK_FALSE(contains(output, Desk::kModelKey));
  CHECK_FALSE(contains(output, "root:*:"));
  CHECK(contains(output, "ead-only file system"));  // bash has a capital, zsh has none
  CHECK(fs::exists(desk.projects() / "site/made.txt"));
  CHECK_FALSE(fs::exists(desk.projects() / "site/.dispatch-logs/forged"));
  CHECK_FALSE(fs::exists(desk.folder() / "out.txt"));
  CHECK(contains(desk.program->log(), "sandbox: bubblewrap works"));
  const auto doctor = support::run_frontdesk({"doctor", "--config", desk.config_file().string()},
                                             desk.folder(), desk.environment);
  CHECK(contains(doctor.output, "sandbox: bubblewrap works"));
}

TEST_CASE(
    "of the specialist's state only the login and the project's own sessions outlive a run in the sandbox") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  const auto state = desk.folder() / ".claude";
  fs::create_directories(state / "projects/other");
  fs::create_directories(desk.folder() / "dotfiles");
  support::write_text(state / "projects/other/s.jsonl", kCanary);
  support::write_text(desk.folder() / "dotfiles/settings.json", "{}");
  fs::create_symlink(desk.folder() / "dotfiles/settings.json", state / "settings.json");
  const auto output = desk.output_of(
      "cd ~/.claude; cat projects/other/s.jsonl; mkdir -p local hooks; for f in local/claude statusline.sh "
      ".claude.json "
      "shell-snapshots/s.sh settings.json hooks/h.sh projects/other/s.jsonl; do echo x > $f; done; "
      "[ -w /proc/sys/kernel/core_pattern ] && echo CORE; echo END");
  CHECK(contains(output, "END"));
  CHECK_FALSE(contains(output, kCanary));
  CHECK_FALSE(contains(output, "CORE\\n"));
  for (const auto* name : {"local", "statusline.sh", ".claude.json", "shell-snapshots/s.sh", "hooks"}) {
    CHECK_FALSE_MESSAGE(fs::exists(state / name), name);
  }
  CHECK(support::read_text(desk.folder() / "dotfiles/settings.json") == "{}");
  CHECK(support::read_text(state / "projects/other/s.jsonl") == kCanary);
}

TEST_CASE("sandbox_read opens more to the specialist, and sessions go on in the sandbox") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  desk.config.set("dispatch", "sandbox_read", "[\"~/private.txt\", \"~/not-there\"]");
  desk.model.secretary("more", {propose("high", "site", {}, "resume")});
  desk.model.specialist("more", {say("More of it.")});
  CHECK(contains(desk.output_of("cat ~/private.txt"), kCanary));
  desk.say({"more of it"});
  desk.dispatch("d-2", "More of it.");
  CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "private.txt"));
}

TEST_CASE("sessions go on in the sandbox whatever the project's path looks like") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  std::string place;
  SUBCASE("with characters beyond ASCII") {
    place = "Büro \U0001F600/проекты";
  }
  SUBCASE("with more than 200 characters") {
    place = std::string(120, 'a') + "/" + std::string(120, 'b');
  }
  desk.config.set("dispatch", "projects_dir", support::toml_text((desk.folder() / place).string()));
  desk.model.secretary("more", {propose("high", "site", {}, "resume")});
  desk.model.specialist("more", {say("More of it.")});
  desk.output_of("echo KW_EARLIER");
  desk.say({"more of it"});
  CHECK_FALSE(contains(desk.dispatch("d-2", "More of it.").text, "session was gone"));
  CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "KW_EARLIER"));
}

TEST_CASE("in the sandbox nobody reads the sessions of a project whose folder the CLI calls the same") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  desk.model.secretary("first", {propose("high", "my.app")});
  desk.model.secretary("second", {propose("high", "my-app")});
  desk.model.specialist("first", {say("KW_OF_THE_FIRST")});
  desk.model.specialist(
      "second",
      {bash(
           "cd ~/.claude/projects; grep -ho 'KW_OF_T[A-Z_]*' ./*/*.jsonl; ls ./*/*.jsonl | wc -l | sed 's/^/FILES-/'"),
       say("Read.")});
  desk.start();
  desk.say({"first"});
  desk.dispatch("d-1", "KW_OF_THE_FIRST");
  desk.say({.text = "second", .chat = "c-2", .user = "u-2"});
  desk.dispatch("d-2", "Read.");
  const auto seen = desk.model.requests(ModelRequest::From::specialist).back().raw;
  CHECK(contains(seen, "FILES-1"));  // its own
  CHECK_FALSE(contains(seen, "KW_OF_THE_FIRST"));
}

TEST_CASE("a session goes on when the sandbox is switched on, and when it is switched off") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  desk.model.secretary("more", {propose("high", "site", {}, "resume")});
  desk.model.specialist("more", {say("More of it.")});
  desk.config.set("dispatch", "sandbox", "\"off\"");
  desk.output_of("echo KW_EARLIER");
  for (const auto* sandbox : {"bwrap", "off", "bwrap"}) {
    CAPTURE(sandbox);
    desk.stop(SIGTERM);
    desk.config.set("dispatch", "sandbox", support::toml_text(sandbox));
    desk.start();
    const auto before = desk.model.requests(ModelRequest::From::specialist).size();
    desk.say({"more of it"});
    REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, before + 1));
    REQUIRE(support::wait_until([&] {
      return desk.query("SELECT count(*) FROM dispatches WHERE state = 'running' OR state = 'queued'") == "0";
    }));
    CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "KW_EARLIER"));
  }
  CHECK_FALSE(contains(desk.callbacks.transcript(), "session was gone"));
}

TEST_CASE("a run in the sandbox that is cancelled leaves no process") {
  if (!sandbox_works()) {
    return;
  }
  SandboxDesk desk;
  desk.model.specialist("build", {bash("setsid sleep 300 & tail -f CLAUDE.md"), say("late")});
  desk.start();
  desk.say({"build it"});
  REQUIRE(support::wait_until([&] { return desk.specialist_processes().size() > 4; }));
  desk.say({"/cancel"});
  desk.dispatch("d-1", "**Cancelled.**");
  CHECK(support::wait_until([&] { return desk.specialist_processes().empty(); }));
}

TEST_CASE("dangerously-skip-permissions runs in the sandbox, and is refused without one") {
  SandboxDesk desk;
  desk.config.drop("dispatch", "allowed_tools")
      .set("dispatch", "permission", "\"dangerously-skip-permissions\"");
  if (sandbox_works()) {
    CHECK(contains(desk.output_of("python3 -c 'print(6*7*1000)' || echo 42000"), "42000"));
    desk.stop(SIGTERM);
  }
  desk.config.set("dispatch", "sandbox", "\"off\"");
  desk.launch();
  CHECK(desk.program->wait(support::kPatience) == std::optional(2));
  CHECK(contains(desk.program->log(), "needs the sandbox"));
}

TEST_CASE("where bubblewrap is missing, auto says so loudly and goes on, and bwrap is refused") {
  Desk desk(Desk::Claude::fake);
  fs::create_directories(desk.folder() / "bin");
  for (const char* program : {"sh", "cat", "sleep"}) {
    fs::create_symlink(fs::path("/bin") / program, desk.folder() / "bin" / program);
  }
  desk.environment["PATH"] = (desk.folder() / "bin").string();
  desk.config.set("dispatch", "sandbox", "\"auto\"");
  desk.model.secretary("build", {propose("high", "site")});
  desk.start();
  CHECK(contains(desk.program->log(), "warning sandbox: NONE, bubblewrap is not installed"));
  desk.say({"build it"});
  desk.dispatch("d-1", "**Done: site.**");
  desk.stop(SIGTERM);
  desk.config.set("dispatch", "sandbox", "\"bwrap\"");
  desk.launch();
  CHECK(desk.program->wait(support::kPatience) == std::optional(2));
  CHECK(contains(desk.program->log(), "dispatch.sandbox: bubblewrap is not installed"));
}

TEST_CASE("settings in a project folder that can run code count only where the operator trusts it") {
  Desk desk;
  desk.model.secretary("build", {propose("high", "site")});
  desk.model.secretary("again", {propose("high", "site", {}, "resume")});
  desk.model.specialist("build", {say("Built.")});
  desk.model.specialist("again", {say("Again.")});
  desk.start();
  desk.say({"build it"});
  desk.dispatch("d-1", "Built.");
  const auto site = desk.projects() / "site";
  const auto marker = desk.folder() / "hook-ran";
  fs::create_directories(site / ".claude");
  support::write_text(site / ".claude/settings.json",
                      R"({"hooks":{"UserPromptSubmit":[{"hooks":[{"type":"command","command":"touch )" +
                          marker.string() + R"("}]}]}})");
  support::write_text(site / "CLAUDE.md", "KW_CONTEXT of the project");
  SUBCASE("not by default, but its CLAUDE.md is told") {
    desk.say({"again"});
    desk.dispatch("d-2", "Again.");
    CHECK_FALSE(fs::exists(marker));
    CHECK(contains(desk.program->log(), ".claude/settings.json in site is not honoured"));
    CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "KW_CONTEXT"));
  }
  SUBCASE("in a trusted project they do") {
    desk.stop(SIGTERM);
    desk.config.set("dispatch", "trusted_projects", R"(["site"])");
    desk.start();
    desk.say({"again"});
    desk.dispatch("d-2", "Again.");
    CHECK(fs::exists(marker));
    CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "KW_CONTEXT"));
  }
}

TEST_CASE("a claude that is missing is a plain sentence with the sandbox, too") {
  SandboxDesk desk;
  desk.config.set("specialist.claude-code", "command", "\"/nonexistent/claude\"");
  desk.start();
  desk.say({"/dispatch build it"});
  CHECK(contains(desk.dispatch("d-1", "**Failed: build-it.**").text,
                 "Claude Code could not be started on the server"));
  const auto doctor =
      support::run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(doctor.output, "\"/nonexistent/claude\" was not found"));
}

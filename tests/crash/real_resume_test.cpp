// What the real Claude Code leaves behind when it is cut, in the odd states that are reported of it.
#include <algorithm>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::Desk;
using support::ModelRequest;
using support::propose;

namespace {

namespace fs = std::filesystem;

/// A desk whose Claude Code was killed, with the program, while it ran a command.
class CutClaude : public Desk {
 public:
  CutClaude() : Desk(Claude::real) {
    config.set("dispatch", "allowed_tools", R"x(["Bash(tail:*)"])x");
    model.secretary("build", {propose("high", "site")});
    model.specialist("You were interrupted", {support::say("Finished after all.")});
    model.specialist("build", {bash("tail -f CLAUDE.md"), support::say("too late")});
    start();
    say({"build it"});
    REQUIRE(support::wait_until([&] {
      return !session_file().empty() && contains(support::read_text(session_file()), "tail -f CLAUDE.md");
    }));
    session = query("SELECT session_id FROM dispatches");
    stop(SIGKILL);
    REQUIRE(support::wait_until([&] { return specialist_processes().empty(); }));
  }
  fs::path session_file() const { return found(query("SELECT session_id FROM dispatches") + ".jsonl"); }
  /// The file of that name, or of that ending, in Claude Code's own folder.
  fs::path found(const std::string& name) const {
    std::error_code ec;
    for (const auto& entry : fs::recursive_directory_iterator(folder() / ".claude", ec)) {
      if (entry.path().filename().string().ends_with(name)) {
        return entry.path();
      }
    }
    return {};
  }

  std::string session;
};

}  // namespace

TEST_CASE("a run goes on although Claude Code's own file of the session names a process that lives") {
  CutClaude desk;
  const auto sessions = desk.folder() / ".claude/sessions";
  int files = 0;
  for (const auto& entry : fs::directory_iterator(sessions)) {
    if (entry.path().extension() == ".json") {
      auto text = support::read_text(entry.path());
      const auto pid = entry.path().stem().string();
      const auto at = text.find("\"pid\":" + pid);
      REQUIRE(at != std::string::npos);
      text.replace(at + 6, pid.size(), std::to_string(::getpid()));
      support::write_text(sessions / (std::to_string(::getpid()) + ".json"), text);
      ++files;
    }
  }
  CHECK(files == 1);
  desk.start();
  CHECK(contains(desk.dispatch("d-1", "**Done: site.**").text, "Finished after all."));
  CHECK(desk.query("SELECT session_id FROM dispatches") == desk.session);
}

TEST_CASE(
    "killed after Go, the plan is carried out without a second question; before it, it is shown again") {
  Desk desk(Desk::Claude::real);
  desk.config.set("dispatch", "permission", "\"plan\"");
  desk.config.set("dispatch", "allowed_tools", R"x(["Bash(tail:*)"])x");
  desk.model.secretary("build", {propose("high", "site")});
  const auto plan = support::use("ExitPlanMode", {{"plan", "1. Write a.txt"}});
  const auto file = desk.projects() / "site/a.txt";
  desk.model.specialist("You were interrupted",
                        {plan, support::write_file(file.string(), "a"), support::say("Finished after all.")});
  desk.model.specialist("build", {plan, bash("tail -f CLAUDE.md"), support::say("too late")});
  desk.start();
  desk.say({"build it"});
  const auto shows_plan = [](const support::Shown& shown) {
    return contains(shown.text, "*site* has a plan") && !shown.actions.empty();
  };
  const auto first = desk.callbacks.wait_for(shows_plan);
  bool accepted = false;
  SUBCASE("after Go") {
    accepted = true;
    desk.click(first.action("Go"));
    REQUIRE(
        support::wait_until([&] { return desk.model.requests(ModelRequest::From::specialist).size() > 1; },
                            std::chrono::seconds(20)));
  }
  SUBCASE("before Go") {}
  desk.stop(SIGKILL);
  REQUIRE(support::wait_until([&] { return desk.specialist_processes().empty(); }));
  desk.start();
  if (!accepted) {
    desk.callbacks.wait_for([](const support::Shown& shown) {
      return contains(shown.text, "has a plan") && contains(shown.text, "Expired: the bot was restarted.");
    });
    desk.click(desk.callbacks.wait_for(shows_plan).action("Go"));
  }
  CHECK(contains(desk.dispatch("d-1", "**Done: site.**").text, "Finished after all."));
  CHECK(support::read_text(file) == "a");
  CHECK(desk.query("SELECT count(*) FROM approvals") == (accepted ? "1" : "2"));
}

TEST_CASE("a transcript that the power took is replaced by a new session, which is told the whole task") {
  CutClaude desk;
  SUBCASE("empty") {
    support::write_text(desk.session_file(), "");
  }
  SUBCASE("zeros") {
    support::write_text(desk.session_file(), std::string(fs::file_size(desk.session_file()), '\0'));
  }
  desk.start();
  const auto result = desk.dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "The earlier session was gone"));
  CHECK(desk.query("SELECT session_id FROM dispatches") != desk.session);
  CHECK(contains(desk.model.requests(ModelRequest::From::specialist).back().raw, "build it"));
}

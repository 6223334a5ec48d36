// What goes on after the program's end, at chosen moments.
#include <algorithm>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::count_of;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::propose;
using support::say;

namespace {

/// A desk that gives "build it" to the specialist.
class BuildingDesk : public Desk {
 public:
  explicit BuildingDesk(Claude claude) : Desk(claude) { model.secretary("build", {propose("high", "site")}); }

  std::string journal() const { return support::read_text(folder() / "claude.journal"); }
  void work_for(const std::string& seconds) const { support::write_text(folder() / "claude.work", seconds); }
  bool no_process_is_left() const {
    return support::wait_until([&] { return specialist_processes().empty(); });
  }
  /// What Claude Code has written of a session in the project "site" so far.
  std::string session_file(const std::string& id) const {
    std::error_code ec;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder() / ".claude/projects", ec)) {
      if (entry.path().filename() == id + ".jsonl") {
        return support::read_text(entry.path());
      }
    }
    return {};
  }
  /// Whether a process of the specialist has that word on its command line.
  bool runs(const std::string& word) const {
    const auto pids = specialist_processes();
    return std::any_of(pids.begin(), pids.end(), [&](int pid) {
      return contains(support::read_text("/proc/" + std::to_string(pid) + "/cmdline"), word);
    });
  }
};

}  // namespace

TEST_CASE("a message that was acknowledged before a kill is answered after it") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("slow", {hold(say("Here I am."))});
  desk.start();
  const auto id = desk.say({"a slow question"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 1));
  CHECK(desk.stop(SIGKILL) == 128 + SIGKILL);
  desk.model.release();
  desk.start();
  CHECK(desk.answer_to(id).text == "Here I am.");
  CHECK(desk.say({"a slow question", "c-1", "u-1", id}) == id);  // the platform repeats what it sent
  desk.answer_to(desk.say({"another", "c-1", "u-1", "m-2"}));
  CHECK(desk.callbacks.calls().size() == 2);
}

TEST_CASE("a call that was under way at a kill is made again with the same id and body") {
  Desk desk(Desk::Claude::fake);
  desk.callbacks.behave({.times = 1, .status = 200, .accepts = true, .delay = std::chrono::seconds(20)});
  desk.start();
  const auto id = desk.say({"hello"});
  REQUIRE(desk.callbacks.wait_until([&] { return desk.callbacks.calls().size() == 1; }, support::kPatience));
  desk.stop(SIGKILL);
  desk.start();
  REQUIRE(desk.callbacks.wait_until([&] { return desk.callbacks.calls().size() == 2; }, support::kPatience));
  const auto calls = desk.callbacks.calls();
  CHECK(calls[0].id == calls[1].id);
  CHECK(calls[0].raw == calls[1].raw);
  CHECK(calls[0].text("reply_to") == id);
  CHECK(desk.callbacks.shown().size() == 1);
}

TEST_CASE("a kill takes Claude Code and its command with it, and the run is resumed in its session") {
  BuildingDesk desk(Desk::Claude::real);
  desk.config.set("dispatch", "allowed_tools", R"x(["Bash(tail:*)"])x");
  desk.model.specialist("You were interrupted", {hold(say("Finished after all."))});
  desk.model.specialist("build", {bash("tail -f CLAUDE.md"), say("too late")});
  desk.start();
  const auto id = desk.say({"build it"});
  REQUIRE(support::wait_until([&] { return desk.runs(std::string("tail\0-f", 7)); }));
  const auto session = desk.query("SELECT session_id FROM dispatches");
  // Claude Code writes its session with a delay.
  REQUIRE(support::wait_until([&] { return contains(desk.session_file(session), "tail -f CLAUDE.md"); }));
  desk.stop(SIGKILL);
  CHECK(desk.no_process_is_left());

  desk.start();
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 2));
  CHECK(desk.runs("--resume"));
  desk.model.release();
  const auto result = desk.dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "Finished after all."));
  CHECK(contains(result.text, "the run was resumed once"));
  CHECK(result.reply_to == id);
  CHECK(desk.query("SELECT session_id FROM dispatches") == session);
  const auto resumed = desk.model.requests(ModelRequest::From::specialist).back().raw;
  CHECK(contains(resumed, "tail -f CLAUDE.md"));  // the earlier turns
  CHECK(contains(resumed, "You were interrupted"));
  CHECK(desk.stop(SIGTERM) == 0);
  desk.start();
  desk.answer_to(desk.say({"still there?"}));
  // The stop may have cut a call that the receiver had taken; it comes once more then, with its id.
  std::set<std::string> results;
  for (const auto& call : desk.callbacks.calls()) {
    if (contains(call.text("text"), "Finished after all.")) {  // its headline may stand twice
      results.insert(call.id);
    }
  }
  CHECK(results.size() == 1);
  CHECK(desk.model.requests(ModelRequest::From::specialist).size() == 2);
}

TEST_CASE("a run that was cut before its session began is begun afresh") {
  BuildingDesk desk(Desk::Claude::fake);
  support::write_text(desk.folder() / "claude.start", "60");
  desk.start();
  desk.say({"build it"});
  REQUIRE(support::wait_until([&] { return contains(desk.journal(), "start new"); }));
  desk.stop(SIGKILL);
  support::write_text(desk.folder() / "claude.start", "0");
  desk.start();
  desk.dispatch("d-1", "**Done: site.**");
  CHECK(count_of(desk.journal(), "start new") == 2);
  CHECK_FALSE(contains(desk.journal(), "resume"));
  CHECK_FALSE(contains(desk.journal(), "OVERLAP"));
}

TEST_CASE("a cancelled run that a kill cut is not resumed") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.work_for("60");
  desk.start();
  desk.say({"build it"});
  REQUIRE(support::wait_until([&] { return contains(desk.journal(), "init "); }));
  // The fake does not listen to an interrupt, so it is killed only after some seconds of grace.
  desk.answer_to(desk.say({"/cancel"}));
  desk.stop(SIGKILL);
  desk.start();
  desk.dispatch("d-1", "**Cancelled.** The bot was restarted while *site* was being stopped.");
  CHECK(count_of(desk.journal(), "start ") == 1);
}

TEST_CASE("SIGTERM stops Claude Code cleanly within its grace, and the run is resumed after the next start") {
  BuildingDesk desk(Desk::Claude::real);
  desk.config.set("server", "shutdown_grace_s", "1");
  desk.model.specialist("You were interrupted", {say("Finished after all.")});
  desk.model.specialist("build", {hold(say("too late"))});
  desk.start();
  desk.say({"build it"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));
  const auto begun = std::chrono::steady_clock::now();
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(18));
  CHECK(desk.no_process_is_left());
  CHECK(contains(desk.program->log(), "stopped"));
  desk.start();
  CHECK(contains(desk.dispatch("d-1", "**Done: site.**").text, "Finished after all."));
  CHECK(desk.query("SELECT attempts FROM dispatches") == "1");
}

TEST_CASE("a run that ends within the grace of SIGTERM is finished, and not run again") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.config.set("server", "shutdown_grace_s", "20");
  desk.work_for("1");
  desk.start();
  desk.say({"build it"});
  REQUIRE(support::wait_until([&] { return contains(desk.journal(), "init "); }));
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(desk.query("SELECT outcome FROM dispatches") == "success");
  desk.start();
  desk.dispatch("d-1", "**Done: site.**");
  CHECK(count_of(desk.journal(), "start ") == 1);
}

TEST_CASE("a second SIGTERM ends the program at once, and the specialist with it") {
  BuildingDesk desk(Desk::Claude::fake);
  desk.config.set("server", "shutdown_grace_s", "60");
  desk.work_for("60");
  desk.start();
  desk.say({"build it"});
  REQUIRE(support::wait_until([&] { return contains(desk.journal(), "init "); }));
  desk.program->signal(SIGTERM);
  REQUIRE(support::wait_until([&] { return contains(desk.program->log(), "stopping"); }));
  desk.program->signal(SIGTERM);
  const auto status = desk.program->wait(std::chrono::seconds(5));
  REQUIRE(status.has_value());
  CHECK(*status != 0);
  CHECK(desk.no_process_is_left());
}

TEST_CASE("a waiting question is still open after a restart") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("maybe", {propose("medium", "site")});
  desk.start();
  const auto question = desk.answer_to(desk.say({"maybe build it"}));
  desk.stop(SIGKILL);
  desk.start();
  desk.click(question.action("Yes"));
  desk.dispatch("d-1", "**Done: site.**");
}

TEST_CASE("nothing is lost when other commands use the database beside the server") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const auto config = desk.config_file().string();
  for (int round = 1; round <= 3; ++round) {
    desk.answer_to(desk.say({"question " + std::to_string(round)}));
    // Each opens the database, and as its last user, were it that, would tidy up behind itself.
    support::run_frontdesk({"pair", "ABCD-EFGH", "--config", config}, desk.folder());
    support::run_frontdesk({"doctor", "--config", config}, desk.folder());
    support::run_frontdesk({"run", "--slug", "p", "--prompt", "x", "--config", config}, desk.folder());
    CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'assistant'") == std::to_string(round));
  }
  desk.stop(SIGKILL);
  desk.start();
  CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'assistant'") == "3");
  CHECK(desk.query("PRAGMA integrity_check") == "ok");
}

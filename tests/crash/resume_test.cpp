// Sessions of the specialist in the odd states that a kill can leave behind.
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::count_of;
using support::Desk;
using support::propose;

namespace {

/// A desk whose specialist works until it is told to be quick.
class CutDesk : public Desk {
 public:
  CutDesk() : Desk(Claude::fake) {
    model.secretary("build", {propose("high", "site")});
    support::write_text(folder() / "claude.work", "60");
  }

  std::string journal() const { return support::read_text(folder() / "claude.journal"); }
  bool wait_for(const std::string& line, std::size_t times) const {
    return support::wait_until([&] { return count_of(journal(), line) == times; });
  }
  /// Orders a task and kills the program when its session has begun.
  void cut_run() {
    start();
    say({"build it"});
    REQUIRE(wait_for("init new", 1));
    REQUIRE(support::wait_until([&] { return query("SELECT session_begun FROM dispatches") == "1"; }));
    stop(SIGKILL);
    REQUIRE(support::wait_until([&] { return specialist_processes().empty(); }));
  }
  std::string session() const { return query("SELECT session_id FROM dispatches"); }
  void be_quick() const { support::write_text(folder() / "claude.work", "0"); }
  /// Finished once, by a run that went on in that session.
  void check_done(const std::string& resumed) {
    dispatch("d-1", "**Done: site.**");
    CHECK(contains(journal(), "end resume " + resumed));
    CHECK(count_of(journal(), "end ") == 1);
    CHECK_FALSE(contains(journal(), "OVERLAP"));
    CHECK(query("SELECT count(*) FROM dispatches") == "1");
  }
};

}  // namespace

TEST_CASE("a lock file that names a process which is dead, or another one by now, holds nobody up") {
  CutDesk desk;
  desk.cut_run();
  const auto session = desk.session();
  std::size_t locks = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(desk.projects())) {
    if (contains(entry.path().filename().string(), "lock")) {
      support::write_text(entry.path(),
                          locks++ % 2 == 0 ? "process 1 since 2026-01-01 00:00" : "process 999999");
    }
  }
  CHECK(locks > 0);
  support::write_text(desk.folder() / "frontdesk.db.lock", "process 1 since 2026-01-01 00:00");
  // What the specialist itself keeps of the process that had the session.
  support::write_text(desk.folder() / "claude.pid.site", "999999");
  desk.be_quick();
  desk.start();
  desk.check_done(session);
}

TEST_CASE("a session that goes on under another id is resumed under that one after the next cut") {
  CutDesk desk;
  desk.cut_run();
  const auto first = desk.session();
  const std::string second = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
  support::write_text(desk.folder() / "claude.new-id", second);
  desk.start();
  REQUIRE(desk.wait_for("init resume " + second, 1));
  REQUIRE(support::wait_until([&] { return desk.session() == second; }));
  desk.stop(SIGKILL);
  std::filesystem::remove(desk.folder() / "claude.new-id");
  desk.be_quick();
  desk.start();
  desk.check_done(second);
  CHECK(count_of(desk.journal(), "start resume " + first) == 1);
  CHECK(count_of(desk.journal(), "start resume " + second) == 1);
}

TEST_CASE("two restarts during one resume end in the same session") {
  CutDesk desk;
  desk.cut_run();
  const auto session = desk.session();
  support::write_text(desk.folder() / "claude.start", "60");  // it never comes to say that it has resumed
  for (std::size_t starts = 1; starts <= 2; ++starts) {
    desk.start();
    REQUIRE(desk.wait_for("start resume " + session, starts));
    desk.stop(SIGKILL);
  }
  support::write_text(desk.folder() / "claude.start", "0");
  desk.be_quick();
  desk.start();
  desk.check_done(session);
  CHECK(desk.session() == session);
}

TEST_CASE("a specialist that is not there at the start, as while it is upgraded, is waited for") {
  CutDesk desk;
  desk.cut_run();
  const auto session = desk.session();
  const auto command = desk.folder() / "upgraded" / "claude.sh";
  desk.config.set("specialist.claude-code", "command", support::toml_text(command.string()));
  desk.be_quick();
  desk.start();
  CHECK(desk.dispatch("d-1", "Waiting: the specialist's program").actions.size() >=
        1);  // it can be cancelled
  CHECK(desk.query("SELECT state FROM dispatches") == "running");
  SUBCASE("until it is there") {
    std::filesystem::create_directories(command.parent_path());
    for (const char* file : {"behaviours.sh", "claude.sh"}) {
      std::filesystem::copy(std::filesystem::path(support::source_dir()) / "tests/fakes" / file,
                            command.parent_path() / file);
    }
    desk.check_done(session);
  }
  SUBCASE("unless somebody cancels it") {
    desk.say({"/cancel"});
    desk.dispatch("d-1", "**Cancelled.**");
  }
}

TEST_CASE("a specialist that was upgraded, and moved, between cut and resume goes on in the session") {
  CutDesk desk;
  desk.cut_run();
  const auto session = desk.session();
  const auto other = desk.folder() / "claude-2";
  std::filesystem::create_directories(other);
  for (const char* file : {"claude.sh", "behaviours.sh"}) {
    std::filesystem::copy(std::filesystem::path(support::source_dir()) / "tests/fakes" / file, other / file);
  }
  support::write_text(desk.folder() / "claude.version", "3.0.1");
  desk.config.set("specialist.claude-code", "command", support::toml_text((other / "claude.sh").string()));
  desk.be_quick();
  desk.start();
  desk.check_done(session);
}

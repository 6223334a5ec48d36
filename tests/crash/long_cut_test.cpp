// Runs that the program's end cut, and that nobody took up for hours or days.
#include <filesystem>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::contains;
using support::count_of;
using support::Desk;
using support::propose;
using support::Shown;

namespace {

constexpr int kHour = 3'600'000;

/// A desk whose specialist works until it is told to be quick.
class CutDesk : public Desk {
 public:
  CutDesk() : Desk(Claude::fake) {
    model.secretary("build", {propose("high", "site")});
    support::write_text(folder() / "claude.work", "60");
    start();
    asked = say({"build it"});
    REQUIRE(support::wait_until([&] { return query("SELECT session_begun FROM dispatches") == "1"; }));
    session = query("SELECT session_id FROM dispatches");
  }
  /// Ends the program, as if that had been so many hours ago.
  void cut(int signal, int hours) {
    stop(signal);
    REQUIRE(support::wait_until([&] { return specialist_processes().empty(); }));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(projects())) {
      if (entry.path().filename().string().ends_with("-events.jsonl")) {
        support::write_text(entry.path(), "");  // it tells when the run was at work last, too
      }
    }
    SQLite::Database db((folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 10'000);
    SQLite::Statement earlier(db,
                              "UPDATE legs SET started_at = started_at - ?1, ended_at = ended_at - ?1, "
                              "seen_at = seen_at - ?1");
    earlier.bind(1, hours * kHour);
    earlier.exec();
    support::write_text(folder() / "claude.work", "0");
    start();
  }
  std::string journal() const { return support::read_text(folder() / "claude.journal"); }
  /// The message that asks whether the run goes on.
  Shown question() {
    return callbacks.wait_for(
        [](const Shown& shown) { return shown.dispatch == "d-1" && contains(shown.text, "Press Continue"); });
  }
  void check_asked() {
    const auto shown = question();
    CHECK(shown.text.starts_with("**Interrupted: site.** The bot was stopped during this run, 2 days ago"));
    CHECK(shown.reply_to == asked);
    CHECK(query("SELECT outcome FROM dispatches") == "interrupted");
    CHECK(contains(dispatch("d-1", "message below").text, "**Interrupted: site.**"));
    CHECK_FALSE(contains(journal(), "resume"));
  }

  std::string asked;
  std::string session;
};

}  // namespace

TEST_CASE("a run that was killed days ago goes on in its session only when a person wants it") {
  CutDesk desk;
  desk.cut(SIGKILL, 50);
  desk.check_asked();
  desk.click(desk.question().action("Continue"));
  desk.dispatch("d-2", "**Done: site.**");
  CHECK(contains(desk.journal(), "end resume " + desk.session));
  CHECK(count_of(desk.journal(), "end ") == 1);
  CHECK_FALSE(contains(desk.journal(), "OVERLAP"));
  CHECK(desk.question().actions.empty());
}

TEST_CASE("a run that a clean stop cut days ago can be left, and its project is free") {
  CutDesk desk;
  desk.cut(SIGTERM, 50);
  desk.check_asked();
  desk.click(desk.question().action("Cancel"));
  const auto left = desk.callbacks.wait_for(
      [](const Shown& shown) { return contains(shown.text, "this is not continued"); });
  CHECK(left.actions.empty());
  desk.say({"/dispatch site: build more"});
  desk.dispatch("d-2", "**Done");
  CHECK(desk.query("SELECT outcome FROM dispatches WHERE id = 1") == "interrupted");
}

TEST_CASE("a task that was ordered days ago and never begun is begun only when a person wants it") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "site")});
  desk.environment["FRONTDESK_CRASH_AT"] = "run-claimed";
  desk.start();
  const auto asked = desk.say({"build it"});
  REQUIRE(desk.program->wait(support::kPatience).has_value());
  desk.stop(SIGKILL);
  {
    SQLite::Database db((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 10'000);
    for (const char* column :
         {"messages SET created_at", "dispatches SET created_at", "jobs SET waits_since"}) {
      const std::string name(std::string_view(column).substr(std::string_view(column).rfind(' ') + 1));
      db.exec("UPDATE " + std::string(column) + " = " + name + " - " + std::to_string(50 * kHour));
    }
  }
  desk.environment.erase("FRONTDESK_CRASH_AT");
  desk.start();
  const auto question = desk.callbacks.wait_for([](const Shown& shown) {
    return shown.dispatch == "d-1" && contains(shown.text, "before this run began");
  });
  CHECK(question.reply_to == asked);
  CHECK_FALSE(std::filesystem::exists(desk.folder() / "claude.journal"));
  desk.click(question.action("Continue"));
  desk.dispatch("d-2", "**Done: site.**");
  CHECK(count_of(support::read_text(desk.folder() / "claude.journal"), "end new") == 1);
}

TEST_CASE("a run that was cut some hours ago goes on by itself and says for how long it was cut") {
  CutDesk desk;
  int signal = SIGKILL;
  SUBCASE("killed") {}
  SUBCASE("stopped") {
    signal = SIGTERM;
  }
  desk.cut(signal, 3);
  const auto result = desk.dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "the run was resumed once, 3 hours after it was cut."));
  CHECK(contains(desk.journal(), "end resume " + desk.session));
}

// Who is to blame for the end of the program, and what becomes of what ran then (decision 0015).
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::contains;
using support::count_of;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::propose;
using support::say;

namespace {

class GuiltDesk : public Desk {
 public:
  GuiltDesk() : Desk(Claude::fake) { model.secretary("build", {propose("high", "site")}); }

  void die_at(const std::string& plan) { environment["FRONTDESK_CRASH_AT"] = plan; }
  void die_no_more() { environment.erase("FRONTDESK_CRASH_AT"); }
  /// Starts the program, which then dies of its own; its exit status.
  int start_and_die() {
    launch();
    const auto status = program->wait(support::kPatience);
    REQUIRE(status);
    return *status;
  }
  /// As if so much had happened before, while the program is not there.
  void change(const std::string& sql) const {
    SQLite::Database db((folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 10'000);
    db.exec(sql);
  }
  std::string journal() const { return support::read_text(folder() / "claude.journal"); }
  std::string doctor() const {
    return support::run_frontdesk({"doctor", "--config", config_file().string()}, folder()).output;
  }
  std::size_t shown_with(const std::string& part) const {
    std::size_t count = 0;
    for (const auto& shown : callbacks.shown()) {
      count += contains(shown.text, part) ? 1 : 0;
    }
    return count;
  }
};

constexpr int kCuts = 22;  // more than the attempts that a turn has
/// From then on a cut job waits for longer than a test should.
constexpr int kLongWaits = 5;

}  // namespace

TEST_CASE("a turn that is cut again and again is not given up, and its chat is told once" *
          doctest::timeout(120)) {
  GuiltDesk desk;
  desk.model.secretary("slow", {hold(say("Here I am."))});
  desk.start();
  const auto id = desk.say({"a slow question"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 1));
  for (int cut = 1; cut <= kCuts; ++cut) {
    desk.stop(SIGKILL);
    desk.start();
    if (cut >= kLongWaits) {
      desk.stop(SIGKILL);
      desk.change("UPDATE jobs SET not_before = 0");
      desk.start();
    }
    REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, static_cast<std::size_t>(cut) + 1));
  }
  CHECK(desk.query("SELECT attempt FROM jobs WHERE kind = 'turn'") == "1");
  desk.model.release();
  REQUIRE(support::wait_until([&] { return desk.shown_with("Here I am.") == 1; }));
  CHECK(desk.shown_with("I was interrupted ten times") == 1);
  CHECK(desk.shown_with("I could not answer") == 0);
  CHECK(desk.query("SELECT count(*) FROM crashes") == "0");
}

TEST_CASE("what was interrupted ten times can be dropped by its button") {
  GuiltDesk desk;
  desk.model.secretary("slow", {hold(say("Here I am."))});
  desk.start();
  const auto id = desk.say({"a slow question"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 1));
  desk.stop(SIGKILL);
  desk.change("UPDATE jobs SET cuts = 9");
  desk.start();
  const auto told = desk.answer_to(id);
  CHECK(contains(told.text, "I was interrupted ten times"));
  REQUIRE_FALSE(told.action("Cancel").empty());
  desk.click(told.action("Cancel"));
  REQUIRE(support::wait_until([&] { return desk.shown_with("this stays unanswered") == 1; }));
  desk.model.release();
  desk.answer_to(desk.say({"another", "c-1"}));
  CHECK(desk.shown_with("Here I am.") == 0);
  CHECK(desk.query("SELECT became FROM decisions WHERE cause = 'rule:dropped'") == "declined");
}

TEST_CASE("a run that is killed again and again goes on in its session, and is never given up" *
          doctest::timeout(120)) {
  constexpr std::size_t kStarts = 12;
  GuiltDesk desk;
  support::write_text(desk.folder() / "claude.work", "60");
  for (std::size_t starts = 1; starts <= kStarts; ++starts) {
    desk.start();
    if (starts == 1) {
      desk.say({"build it"});
    }
    REQUIRE(support::wait_until([&] {
      return count_of(desk.journal(), "init ") >= starts &&
             desk.query("SELECT session_begun FROM dispatches") == "1";
    }));
    desk.stop(SIGKILL);
    if (starts >= kLongWaits) {
      desk.start();  // counts the cut
      desk.stop(SIGKILL);
      desk.change("UPDATE jobs SET not_before = 0");
    }
  }
  support::write_text(desk.folder() / "claude.work", "0");
  desk.change("UPDATE jobs SET not_before = 0");
  desk.start();
  desk.dispatch("d-1", "**Done: site.**");
  CHECK(count_of(desk.journal(), "start resume") >= kStarts - 1);
  CHECK_FALSE(contains(desk.journal(), "OVERLAP"));
  CHECK(desk.shown_with("was interrupted ten times") == 1);
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "1");
}

TEST_CASE(
    "a message that crashes the program three times is given up, shown to the admin, and can be tried again" *
    doctest::timeout(120)) {
  GuiltDesk desk;
  SUBCASE("by an abort") {
    desk.die_at("turn-asking@1=abort");
  }
  SUBCASE("by a used up stack") {
    desk.die_at("turn-asking@1=stack");
  }
  SUBCASE("by an uncaught exception") {
    desk.die_at("turn-asking@1=throw");
  }
  desk.launch();
  desk.use_port(desk.program->wait_for_port());
  const auto id = desk.say({"poison"});
  REQUIRE(desk.program->wait(support::kPatience).value_or(0) != 0);
  CHECK(desk.start_and_die() != 0);
  CHECK(desk.start_and_die() != 0);  // alone
  desk.start();
  const auto told = desk.answer_to(id);
  CHECK(contains(told.text, "I gave this up: the program crashed each time"));
  CHECK(desk.answer_to(desk.say({"harmless", "c-2", "u-2"})).text == "Answer to: harmless");
  CHECK(contains(desk.program->log(), "the turn of message 1 was the only one at work"));
  CHECK(contains(desk.doctor(), "the turn of message 1"));
  CHECK(desk.query("SELECT became FROM decisions WHERE cause = 'rule:program-crash'") == "failed");
  CHECK(desk.query("SELECT count(*) FROM crashes") == "3");
  desk.stop(SIGTERM);
  desk.die_no_more();
  desk.start();
  desk.click(told.action("Try again"));
  REQUIRE(support::wait_until([&] { return desk.shown_with("Answer to: poison") == 1; }));
}

TEST_CASE("who only ran beside a crash is answered, and the guilty one is found" * doctest::timeout(120)) {
  GuiltDesk desk;
  desk.model.secretary("slow", {hold(say("Here I am."))});
  desk.die_at("turn-answered@2=abort");
  desk.launch();
  desk.use_port(desk.program->wait_for_port());
  const auto innocent = desk.say({"a slow question", "c-1", "u-1"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 1));
  const auto guilty = desk.say({"poison", "c-2", "u-2"});
  REQUIRE(desk.program->wait(support::kPatience) == 128 + SIGABRT);
  desk.launch();  // both have one mark, and the guilty one crashes it again
  REQUIRE(desk.program->wait(support::kPatience) == 128 + SIGABRT);
  desk.model.release();
  CHECK(desk.start_and_die() == 128 + SIGABRT);
  desk.start();
  CHECK(contains(desk.answer_to(guilty).text, "I gave this up"));
  CHECK(desk.answer_to(innocent).text == "Here I am.");
}

TEST_CASE("a signal that another process sends leaves no mark") {
  GuiltDesk desk;
  desk.model.secretary("slow", {hold(say("Here I am."))});
  desk.start();
  desk.say({"a slow question"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 1));
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE}) {
    const int status = desk.stop(signal);
    // A sanitizer tells of it and ends the program by itself.
    CHECK((status == 128 + signal || status == 1));
    desk.start();
  }
  CHECK(desk.query("SELECT marks FROM jobs WHERE kind = 'turn'") == "0");
  CHECK(desk.query("SELECT cuts FROM jobs WHERE kind = 'turn'") != "0");
  CHECK(desk.query("SELECT count(*) FROM crashes") == "0");
}

TEST_CASE("a task that crashes the program three times ends as interrupted, and Continue goes on with it" *
          doctest::timeout(120)) {
  GuiltDesk desk;
  desk.die_at("run-ended=abort");
  desk.launch();
  desk.use_port(desk.program->wait_for_port());
  desk.say({"build it"});
  REQUIRE(desk.program->wait(support::kPatience) == 128 + SIGABRT);
  CHECK(desk.start_and_die() == 128 + SIGABRT);
  CHECK(desk.start_and_die() == 128 + SIGABRT);
  desk.die_no_more();
  desk.start();
  const auto result = desk.dispatch("d-1", "**Interrupted: site.**");
  CHECK(contains(result.text, "crashed each time it worked on *site*"));
  const auto log =
      support::run_frontdesk({"log", "show", "d-1", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(log.output, "crashed each time"));
  CHECK(contains(desk.doctor(), "dispatch d-1"));
  desk.click(result.action("Continue"));
  desk.dispatch("d-2", "**Done: site.**");
}

TEST_CASE(
    "a message of ours that crashes the program three times is dead, which is said, and can be tried again" *
    doctest::timeout(120)) {
  GuiltDesk desk;
  desk.die_at("delivery-marked@1=abort");
  desk.launch();
  desk.use_port(desk.program->wait_for_port());
  desk.say({"hello"});
  REQUIRE(desk.program->wait(support::kPatience) == 128 + SIGABRT);
  CHECK(desk.start_and_die() == 128 + SIGABRT);
  CHECK(desk.start_and_die() == 128 + SIGABRT);
  desk.start();
  const auto told = desk.callbacks.wait_for(
      [](const auto& shown) { return contains(shown.text, "that I cannot show you"); });
  CHECK(desk.shown_with("Answer to: hello") == 0);
  desk.stop(SIGTERM);
  desk.die_no_more();
  desk.start();
  desk.click(told.action("Try again"));
  REQUIRE(support::wait_until([&] { return desk.shown_with("Answer to: hello") == 1; }));
}

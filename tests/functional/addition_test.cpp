// What is said about a project while the specialist works on it.
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::propose;
using support::write_file;

namespace {

class Working : public Desk {
 public:
  explicit Working(Claude claude = Claude::real) : Desk(claude) {
    model.secretary("build", {propose("high", "site")});
    model.secretary("make it blue", {propose("high", "site", {}, "resume")});
    model.secretary("from scratch", {propose("high", "site", {}, "run")});
    model.secretary("review it", {propose("high", "site", "look", "review")});
  }
  std::string file() const { return (projects() / "site" / "a.txt").string(); }
  void begin() {
    start();
    say({"build it"});
    REQUIRE(model.wait_for(ModelRequest::From::specialist, 1));
  }
  std::string joined(const std::string& dispatch) const {
    return query("SELECT coalesce(joined_id, 0) FROM dispatches WHERE id = " + dispatch);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Working, "what is said about a running project is passed into its turn") {
  // Between two tools of one turn.
  model.specialist("build it", {hold(write_file(file(), "red")), support::say("It is as you said.")});
  begin();
  const auto said = say({"make it blue"});
  CHECK(contains(dispatch("d-2", "Adding this to the task").text, "*site*"));
  model.release();
  const auto result = dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "It is as you said."));
  CHECK(contains(model.requests(ModelRequest::From::specialist).back().raw,
                 "The person adds this to the task that you work on:\\n\\nmake it blue"));
  CHECK(contains(answer_to(said).text,
                 "Added to the task already running on *site*; its result will include this."));
  CHECK(answer_to(said).actions.empty());
  CHECK(joined("2") == "1");
  CHECK(contains(query("SELECT prompt FROM dispatches WHERE id = 1"),
                 "Added while it was at work:\nmake it blue"));
  // It did not run again by itself, and the shell's log tells what became of it.
  const auto log =
      support::run_frontdesk({"log", "list", "--config", config_file().string()}, folder(), environment);
  CHECK(contains(log.output, "joined"));
  CHECK(counts(R"(frontdesk_dispatches_total{outcome="joined",specialist="claude-code"} 1)"));
  CHECK(counts(R"(frontdesk_decisions_total{action="dispatch",outcome="joined"} 1)"));
  CHECK(query("SELECT count(*) FROM jobs WHERE kind = 'dispatch'") == "0");
  CHECK(query("SELECT count(*) FROM dispatches WHERE attempts > 0") == "1");
}

TEST_CASE_FIXTURE(Working, "it is passed on without asking, although the secretary is not sure") {
  model.secretary("greener", {propose("medium", "site", {}, "resume")});
  model.specialist("build it", {hold(write_file(file(), "red")), support::say("It is as you said.")});
  begin();
  say({"greener would be nice"});
  dispatch("d-2", "Adding this to the task");
  CHECK(query("SELECT cause FROM decisions WHERE id = 2") == "rule:running-project");
  // Another person, and words of others, are asked about.
  const auto other = answer_to(say({"greener would be nice", "c-1", "u-2"}));
  CHECK(other.actions.size() == 2);
  CHECK(answer_to(say({"greener would be nice\n> says my neighbour to all of us"})).actions.size() == 2);
  model.release();
  dispatch("d-1", "**Done: site.**");
}

TEST_CASE_FIXTURE(Working, "what comes while it says its last words is a turn of its own in the same run") {
  model.specialist("build it", {hold(support::say("It is red."))});
  model.specialist("make it blue", {write_file(file(), "blue"), support::say("It is blue now.")});
  begin();
  say({"make it blue"});
  dispatch("d-2", "Adding this to the task");
  model.release();
  const auto result = dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "It is red."));
  CHECK(contains(result.text, "It is blue now."));
  CHECK(contains(result.text, "Created `a.txt`"));
  CHECK(joined("2") == "1");
}

TEST_CASE_FIXTURE(Working, "what wants a session of its own waits, and what comes after it, too") {
  model.specialist("build it", {hold(support::say("It is red."))});
  model.specialist("from scratch", {support::say("A new one.")});
  model.specialist("make it blue", {support::say("It is blue now.")});
  begin();
  say({"do it from scratch"});
  CHECK(contains(dispatch("d-2", "Queued").text, "number 1"));
  say({"make it blue"});
  CHECK(contains(dispatch("d-3", "Queued").text, "number 2"));
  model.release();
  CHECK(contains(dispatch("d-2", "**Done").text, "A new one."));
  dispatch("d-3", "");
  CHECK(
      support::wait_until([&] { return query("SELECT count(*) FROM jobs WHERE kind = 'dispatch'") == "0"; }));
  CHECK(joined("2") == "0");
  CHECK(joined("3") != "1");  // it went on in the session of d-2, in its run or after it
}

TEST_CASE_FIXTURE(Working, "another person's words wait for a run of their own") {
  model.specialist("build it", {hold(support::say("It is red."))});
  model.specialist("make it blue", {support::say("It is blue now.")});
  begin();
  say({"make it blue", "c-1", "u-2"});
  dispatch("d-2", "Queued");
  dispatch("d-1", "Thinking");
  std::this_thread::sleep_for(std::chrono::seconds(1));
  CHECK(contains(dispatch("d-2", "").text, "Queued"));
  model.release();
  CHECK(contains(dispatch("d-2", "**Done: site.**").text, "It is blue now."));
  CHECK(joined("2") == "0");
}

TEST_CASE_FIXTURE(Working, "an addition to a run that is stopped is carried out after it") {
  model.specialist("build it", {hold(support::say("too late"))});
  model.specialist("make it blue", {support::say("It is blue now.")});
  begin();
  say({"make it blue"});
  dispatch("d-2", "Adding this to the task");
  // The button of the run itself; "/cancel" would stop all of the project.
  const auto note = dispatch("d-1", "");
  REQUIRE(note.actions.size() == 1);
  click(note.actions.front().second);
  CHECK(contains(dispatch("d-1", "**Cancelled.**").text, "site"));
  model.release();
  CHECK(contains(dispatch("d-2", "**Done: site.**").text, "It is blue now."));
}

TEST_CASE_FIXTURE(Working, "an addition that was not taken up survives kill -9") {
  model.specialist("You were interrupted", {support::say("Finished after all.")});
  model.specialist("build it", {hold(support::say("too late"))});
  model.specialist("make it blue", {support::say("It is blue now.")});
  begin();
  say({"make it blue"});
  dispatch("d-2", "Adding this to the task");
  stop(SIGKILL);
  model.release();
  start();
  dispatch("d-1", "**Done: site.**");
  CHECK(support::wait_until([&] { return query("SELECT count(*) FROM jobs") == "0"; }));
  // Either the resumed run took it up, or it ran after it.
  CHECK((joined("2") == "1" || contains(dispatch("d-2").text, "It is blue now.")));
  CHECK(model.saw("make it blue"));
}

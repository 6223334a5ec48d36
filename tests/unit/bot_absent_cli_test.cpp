#include <chrono>
#include <vector>

#include <doctest/doctest.h>

#include "base/process/supervisor.h"
#include "bot/runs/absent_cli.h"

namespace {

using bot::runs::run_when_there;
using dispatch::Event;
using dispatch::Outcome;
using dispatch::WorkspaceRun;
using std::chrono::milliseconds;

/// A CLI that cannot be started so many times.
struct Fixture {
  WorkspaceRun run() {
    WorkspaceRun run;
    run.report.outcome = ++runs > absent_for ? Outcome::success : Outcome::error;
    run.report.exit_status = runs > absent_for ? 0 : status;
    return run;
  }
  WorkspaceRun wait(milliseconds patience) {
    return run_when_there([this] { return run(); },
                          {patience, [] { return true; },
                           [this](const Event& event) {
                             told.push_back(event.kind);
                             if (stop_after_telling) {
                               stop.request_stop();
                             }
                           }},
                          stop.get_token());
  }

  int absent_for = 1;
  int status = base::kCannotStart;
  int runs = 0;
  bool stop_after_telling = false;
  std::vector<Event::Kind> told;
  std::stop_source stop;
};

TEST_SUITE("absent CLI") {
  TEST_CASE_FIXTURE(Fixture, "it is started again when it is there, and the chat is told meanwhile") {
    CHECK(wait(std::chrono::minutes(2)).report.outcome == Outcome::success);
    CHECK(runs == 2);
    CHECK(told == std::vector{Event::Kind::retrying, Event::Kind::still_working});
  }

  TEST_CASE_FIXTURE(Fixture, "nobody waits for it where the run does not go on after a cut") {
    CHECK(wait(milliseconds(0)).report.exit_status == base::kCannotStart);
    CHECK(runs == 1);
    CHECK(told.empty());
  }

  TEST_CASE_FIXTURE(Fixture, "patience ends") {
    absent_for = 1000;
    CHECK(wait(milliseconds(30)).report.outcome == Outcome::error);
    CHECK(runs == 2);
  }

  TEST_CASE_FIXTURE(Fixture, "one that fails otherwise is not started again") {
    status = 1;
    CHECK(wait(std::chrono::minutes(2)).report.exit_status == 1);
    CHECK(runs == 1);
  }

  TEST_CASE_FIXTURE(Fixture, "a stop ends the waiting at once") {
    absent_for = 1000;
    stop_after_telling = true;
    wait(std::chrono::minutes(2));
    CHECK(runs == 2);  // the second one says that it was stopped
  }
}

}  // namespace

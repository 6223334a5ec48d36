// What every specialist must do, run over the real Claude Code CLI.
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "base/id.h"
#include "config/config_file.h"
#include "dispatch/specialists.h"
#include "tests/support/model_server.h"
#include "tests/support/program.h"
#include "tests/support/wait.h"

using dispatch::Event;
using dispatch::Outcome;
using dispatch::Report;
using dispatch::Task;
using support::hold;
using support::ModelRequest;
using support::ModelServer;
using support::say;
using support::use;
using support::write_file;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The specialist with a scripted model behind it. The CLI finds HOME in this process's environment, which is
/// put back at the end.
class Bench {
 public:
  Bench() : home_before_(std::getenv("HOME") == nullptr ? "" : std::getenv("HOME")) {
    ::setenv("HOME", home_.path().c_str(), 1);
    ::unsetenv("CLAUDE_CONFIG_DIR");
    std::filesystem::create_directories(folder());
  }
  ~Bench() { ::setenv("HOME", home_before_.c_str(), 1); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  std::filesystem::path folder() const { return home_.path() / "project"; }

  std::unique_ptr<dispatch::Specialist> specialist(const std::string& command) {
    dispatch::SpecialistDefaults defaults;
    defaults.command = command;
    defaults.base_url = model.url();
    defaults.api_key = "key-for-nothing";
    return dispatch::make_specialist("claude-code", config::parse_config("", "test", home_.path()), defaults);
  }
  std::unique_ptr<dispatch::Specialist> specialist() {
    return specialist(support::program_path("FRONTDESK_CLAUDE"));
  }

  Task task(const std::string& prompt) const {
    Task made;
    made.folder = folder();
    made.prompt = prompt;
    made.session_id = base::random_uuid();
    return made;
  }

  Report run(const Task& given, std::stop_token stop = {}) {
    return specialist()->run(
        given, [this](const Event& event) { events.push_back(event); }, std::move(stop));
  }

  bool heard(Event::Kind kind, const std::string& text) const {
    for (const auto& event : events) {
      if (event.kind == kind && contains(event.text, text)) {
        return true;
      }
    }
    return false;
  }

  bool no_process_is_left() const {
    return support::wait_until(
        [&] { return support::processes_with("HOME=" + home_.path().string()).empty(); },
        std::chrono::seconds(5));
  }

  ModelServer model;
  std::vector<Event> events;

 private:
  support::TemporaryFolder home_;
  const std::string home_before_;
};

}  // namespace

TEST_CASE("a task is carried out in its folder, with events on the way and a report at the end") {
  Bench bench;
  bench.model.specialist("a haiku",
                         {write_file((bench.folder() / "haiku.txt").string(), "rain"), say("It rains.")});
  const auto task = bench.task("write a haiku");
  const auto report = bench.run(task);
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "It rains.");
  CHECK(report.problem.empty());
  CHECK(report.session_id == task.session_id);
  CHECK(report.session_begun);
  CHECK(report.turns == 2);
  CHECK(report.output_tokens > 0);
  CHECK(report.denials.empty());
  CHECK(support::read_text(bench.folder() / "haiku.txt") == "rain");
  CHECK(bench.heard(Event::Kind::session_begun, task.session_id));
  CHECK(bench.heard(Event::Kind::tool_used, "haiku.txt"));
  CHECK(bench.heard(Event::Kind::said, "It rains."));
  CHECK(bench.no_process_is_left());
}

TEST_CASE("a session is continued, and one that is gone is replaced") {
  Bench bench;
  bench.model.specialist("second", {say("and more")});
  bench.model.specialist("first", {say("the beginning")});
  auto task = bench.task("the first part");
  bench.run(task);
  task.continues_session = true;
  task.prompt = "the second part";
  auto report = bench.run(task);
  CHECK(report.text == "and more");
  CHECK(report.session_id == task.session_id);
  CHECK_FALSE(report.session_replaced);
  CHECK(contains(bench.model.requests().back().raw, "the beginning"));

  task.session_id = base::random_uuid();
  report = bench.run(task);
  CHECK(report.outcome == Outcome::success);
  CHECK(report.session_replaced);
  CHECK(report.session_id != task.session_id);
}

TEST_CASE("a refused action makes the outcome blocked and is named") {
  Bench bench;
  bench.model.specialist("fetch",
                         {use("Bash", {{"command", "curl http://127.0.0.1:9"}}), say("It is refused.")});
  const auto report = bench.run(bench.task("fetch it"));
  CHECK(report.outcome == Outcome::blocked);
  REQUIRE(report.denials.size() == 1);
  CHECK(report.denials[0].tool == "Bash");
  CHECK(report.denials[0].detail == "curl http://127.0.0.1:9");
}

TEST_CASE("a plan changes nothing") {
  Bench bench;
  bench.model.specialist("haiku",
                         {write_file((bench.folder() / "haiku.txt").string(), "rain"), say("Planned.")});
  auto task = bench.task("write a haiku");
  task.permission = "plan";
  bench.run(task);
  CHECK_FALSE(std::filesystem::exists(bench.folder() / "haiku.txt"));
}

TEST_CASE("a request to stop ends the run and leaves no process") {
  Bench bench;
  bench.model.specialist("wait", {hold(say("too late"))});
  std::stop_source stop;
  std::jthread stopper([&] {
    bench.model.wait_for(ModelRequest::From::specialist, 1);
    stop.request_stop();
  });
  const auto report = bench.run(bench.task("wait"), stop.get_token());
  CHECK(report.outcome == Outcome::cancelled);
  CHECK_FALSE(report.problem.empty());
  CHECK(report.session_begun);
  CHECK(bench.no_process_is_left());
}

TEST_CASE("time and silence are bounded") {
  Bench bench;
  bench.model.specialist("wait", {hold(say("too late"))});
  auto task = bench.task("wait");
  SUBCASE("by the deadline") {
    task.timeout = std::chrono::seconds(2);
    CHECK(contains(bench.run(task).problem, "ran out of time"));
  }
  SUBCASE("by the longest silence") {
    task.silence = std::chrono::seconds(2);
    CHECK(contains(bench.run(task).problem, "no sign of life"));
  }
  CHECK(bench.heard(Event::Kind::still_working, ""));
  CHECK(bench.no_process_is_left());
}

TEST_CASE("what it needs is checked, and a missing program is an error with a sentence") {
  Bench bench;
  CHECK(bench.specialist()->check().ready);
  CHECK(bench.model.requests().empty());
  const auto missing = bench.specialist("no-such-specialist");
  const auto readiness = missing->check();
  CHECK_FALSE(readiness.ready);
  CHECK(contains(readiness.detail, "no-such-specialist"));
  const auto report = missing->run(bench.task("anything"), {}, {});
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "could not be started"));
}

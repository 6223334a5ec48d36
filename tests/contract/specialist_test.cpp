// What every specialist must do: the real Claude Code CLI, its fake, and a CLI that is known by configuration
// alone.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/id.h"
#include "config/config_file.h"
#include "dispatch/specialists.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/files.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_server.h"
#include "tests/support/program/program.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using dispatch::Event;
using dispatch::Outcome;
using dispatch::Report;
using dispatch::Task;
using support::bash;
using support::contains;
using support::hold;
using support::ModelRequest;
using support::ModelServer;
using support::say;
using support::write_file;

namespace {

const std::string kFakes = support::source_dir() + "/tests/fakes/";
constexpr const char* kCodex = R"(
[codex]
type = "command"
run = ["{0}", "exec", "--json", "-s", "workspace-write", "-m", "{{model}}", "-"]
resume = ["{0}", "exec", "--json", "-s", "workspace-write", "-m", "{{model}}", "resume", "{{session}}", "-"]
review = ["{0}", "exec", "--json", "-s", "read-only", "-m", "{{model}}", "-"]
model = "gpt-fake"
result = "type=item.completed item.type=agent_message item.text"
session = "type=thread.started thread_id"
error = ["type=turn.failed error.message", "type=error message"]
input_tokens = "type=turn.completed usage.input_tokens"
cached_tokens = "type=turn.completed usage.cached_input_tokens"
output_tokens = "type=turn.completed usage.output_tokens"
usd_per_million_input = 1
usd_per_million_output = 10
session_gone = "no rollout found"
[codex.steps]
Bash = "type=item.started item.type=command_execution item.command"
)";

/// Three CLIs that can be a specialist, and how each is configured.
struct RealClaude {
  static constexpr bool kIsReal = true;
  static constexpr const char* kName = "claude-code";
  static std::string command() { return support::program_path("FRONTDESK_CLAUDE"); }
};
struct FakeClaude {
  static constexpr bool kIsReal = false;
  static constexpr const char* kName = "claude-code";
  static std::string command() { return std::string(kFakes) + "claude.sh"; }
};
struct Command {
  static constexpr bool kIsReal = false;
  static constexpr const char* kName = "codex";
  static std::string command() { return std::string(kFakes) + "codex.sh"; }
};

/// The specialist with a scripted model behind it. The CLI finds HOME in this process's environment, which is
/// put back at the end. The tasks are those that tests/fakes/behaviours.sh knows.
template <typename Cli>
class Bench {
 public:
  Bench() {
    environment_.set("HOME", home_.path());
    std::filesystem::create_directories(folder());
    model.specialist("a haiku", {write_file((folder() / "haiku.txt").string(), "rain\n"), say("It rains.")});
    model.specialist("the second part", {say("and more")});
    model.specialist("the first part", {say("the beginning")});
    model.specialist("wait for ever", {hold(say("too late"))});
    model.specialist("fall over", {bash("kill -9 $PPID"), say("too late")});
    model.specialist("leave a child", {bash("setsid sleep 600 & true"), say("There is a child.")});
  }

  std::filesystem::path home() const { return home_.path(); }
  std::filesystem::path folder() const { return home_.path() / "project"; }

  std::unique_ptr<dispatch::Specialist> specialist(const std::string& command) {
    dispatch::SpecialistDefaults defaults;
    defaults.command = command;
    defaults.base_url = model.url();
    defaults.api_key = "key-for-nothing";
    return dispatch::make_specialist(
        Cli::kName, config::parse_config(fmt::format(fmt::runtime(kCodex), command), "test", home_.path()),
        defaults);
  }
  std::unique_ptr<dispatch::Specialist> specialist() { return specialist(Cli::command()); }

  Task task(const std::string& prompt) const {
    Task made;
    made.folder = folder();
    made.prompt = prompt;
    made.session_id = base::random_uuid();
    made.allowed_tools = {"Bash"};
    return made;
  }

  Report run(const Task& given, std::stop_token stop = {}) {
    return specialist()->run(
        given,
        [this](const Event& event) {
          events.push_back(event);
          if (event.kind == Event::Kind::session_begun) {
            begun.test_and_set();
            begun.notify_all();
          }
        },
        std::move(stop));
  }

  bool took_up(std::int64_t addition) const {
    return std::any_of(events.begin(), events.end(), [&](const Event& event) {
      return event.kind == Event::Kind::added && event.addition == addition;
    });
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
        [&] { return support::processes_with("HOME=" + home_.path().string()).empty(); });
  }

  ModelServer model;
  std::vector<Event> events;
  std::atomic_flag begun;

 private:
  support::TemporaryFolder home_;
  support::Environment environment_{"CLAUDE_CONFIG_DIR"};
};

/// A turn of the model in several blocks of text, as the Messages API streams it.
base::HttpResponse answer_in_blocks(const std::vector<std::string>& blocks, const std::string& stop_reason) {
  using nlohmann::json;
  std::string body;
  const auto event = [&](const char* type, json data) {
    data["type"] = type;
    body += fmt::format("event: {}\ndata: {}\n\n", type, data.dump());
  };
  event("message_start", {{"message",
                           {{"id", "msg_1"},
                            {"type", "message"},
                            {"role", "assistant"},
                            {"model", "claude-opus-4-8"},
                            {"content", json::array()},
                            {"usage", {{"input_tokens", 9}, {"output_tokens", 1}}}}}});
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    event("content_block_start", {{"index", i}, {"content_block", {{"type", "text"}, {"text", ""}}}});
    event("content_block_delta", {{"index", i}, {"delta", {{"type", "text_delta"}, {"text", blocks[i]}}}});
    event("content_block_stop", {{"index", i}});
  }
  event("message_delta", {{"delta", {{"stop_reason", stop_reason}}}, {"usage", {{"output_tokens", 5}}}});
  event("message_stop", json::object());
  return support::event_stream(std::move(body));
}

}  // namespace

#define EVERY_SPECIALIST RealClaude, FakeClaude, Command

TEST_CASE_TEMPLATE("a task is carried out in its folder, with events on the way and a report at the end", Cli,
                   EVERY_SPECIALIST) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("write a haiku"));
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "It rains.");
  CHECK(report.problem.empty());
  CHECK(report.session_begun);
  CHECK(report.turns > 0);
  CHECK(report.tokens.output > 0);
  CHECK(report.denials.empty());
  CHECK(report.exit_status == 0);
  CHECK(support::read_text(bench.folder() / "haiku.txt") == "rain\n");
  CHECK(bench.heard(Event::Kind::session_begun, report.session_id));
  CHECK(bench.heard(Event::Kind::tool_used, "haiku.txt"));
  CHECK(bench.heard(Event::Kind::said, "It rains."));
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a session is continued, and one that is gone is replaced", Cli, EVERY_SPECIALIST) {
  Bench<Cli> bench;
  auto task = bench.task("the first part");
  auto report = bench.run(task);
  task.session_id = report.session_id;
  task.continues_session = true;
  task.prompt = "the second part";
  report = bench.run(task);
  CHECK(report.text == "and more");
  CHECK(report.session_id == task.session_id);
  CHECK_FALSE(report.session_replaced);
  if (Cli::kIsReal) {
    CHECK(contains(bench.model.requests().back().raw, "the beginning"));
  }

  task.session_id = base::random_uuid();
  report = bench.run(task);
  CHECK(report.outcome == Outcome::success);
  CHECK(report.session_replaced);
  CHECK(report.session_id != task.session_id);
}

TEST_CASE_TEMPLATE("a request to stop ends the run in about a second and leaves no process", Cli,
                   EVERY_SPECIALIST) {
  Bench<Cli> bench;
  std::stop_source stop;
  std::jthread stopper([&] {
    bench.begun.wait(false);
    if (Cli::kIsReal) {
      bench.model.wait_for(ModelRequest::From::specialist, 1);
    }
    stop.request_stop();
  });
  const auto report = bench.run(bench.task("wait for ever"), stop.get_token());
  CHECK(report.outcome == Outcome::cancelled);
  CHECK_FALSE(report.problem.empty());
  CHECK(report.session_begun);
  CHECK_FALSE(report.session_id.empty());
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("time and silence are bounded", Cli, EVERY_SPECIALIST) {
  Bench<Cli> bench;
  auto task = bench.task("wait for ever");
  SUBCASE("by the deadline") {
    task.timeout = std::chrono::seconds(2);
    CHECK(contains(bench.run(task).problem, "ran out of time"));
  }
  SUBCASE("by the longest silence") {
    task.silence = std::chrono::seconds(2);
    CHECK(contains(bench.run(task).problem, "stopped responding (no output for"));
  }
  CHECK(bench.heard(Event::Kind::still_working, ""));
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a key that the model refuses is a sentence for the chat", Cli, EVERY_SPECIALIST) {
  Bench<Cli> bench;
  base::HttpResponse refusal;
  refusal.status = 401;
  refusal.body = R"({"type":"error","error":{"type":"authentication_error"}})";
  bench.model.fail(ModelRequest::From::specialist, refusal);
  const auto report = bench.run(bench.task("use a refused key"));
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "its key was refused"));
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a CLI that falls over is an error that says how, and leaves no process", Cli,
                   EVERY_SPECIALIST) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("fall over"));
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "ended without a result (exit status 137"));
  CHECK(report.exit_status == 137);
  CHECK(report.session_begun);
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a process that the CLI leaves behind neither holds the run up nor outlives it", Cli,
                   EVERY_SPECIALIST) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("leave a child"));
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "There is a child.");
  CHECK(report.duration < std::chrono::seconds(60));
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a prompt of 3 MB is taken, or refused in a sentence", Cli, EVERY_SPECIALIST) {
  Bench<Cli> bench;
  std::string prompt = "write a haiku about this:";
  while (prompt.size() < 3'000'000) {
    prompt += " rain";
  }
  const auto report = bench.run(bench.task(prompt));
  if (report.outcome == Outcome::success) {
    CHECK(report.text == "It rains.");
  } else {
    CHECK(Cli::kIsReal);  // 2.1.330 counts tokens before it asks its model
    CHECK(contains(report.problem, "too long"));
  }
}

TEST_CASE_TEMPLATE("what it needs is checked, and a missing program is an error with a sentence", Cli,
                   EVERY_SPECIALIST) {
  Bench<Cli> bench;
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

TEST_CASE_TEMPLATE("what is added while it works is taken up, and said so", Cli, RealClaude, FakeClaude) {
  Bench<Cli> bench;
  bench.model.specialist("wait for more", {hold(say("Straight on."))});
  bench.model.specialist("to the left", {say("Left.")});
  REQUIRE(bench.specialist()->abilities().additions);
  auto task = bench.task("wait for more");
  task.mailbox = std::make_shared<dispatch::Mailbox>();
  std::jthread adder([&] {
    bench.begun.wait(false);
    if (Cli::kIsReal) {
      bench.model.wait_for(ModelRequest::From::specialist, 1);
    }
    task.mailbox->push(dispatch::Addition{7, "to the left"});
    std::this_thread::sleep_for(std::chrono::milliseconds(1'500));  // nothing tells when the CLI has read it
    bench.model.release();
  });
  const auto report = bench.run(task);
  CHECK(report.outcome == Outcome::success);
  CHECK(contains(report.text, "Left."));
  CHECK(bench.took_up(7));
  CHECK(bench.no_process_is_left());
}

// What a real CLI cannot be made to do.

TEST_CASE("what a stopped run takes up after its end is not taken for done") {
  Bench<FakeClaude> bench;
  auto task = bench.task("wait for ever");
  task.mailbox = std::make_shared<dispatch::Mailbox>();
  std::stop_source stop;
  std::jthread adder([&] {
    bench.begun.wait(false);
    task.mailbox->push(dispatch::Addition{7, "to the left"});
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  const auto report = bench.run(task, stop.get_token());
  CHECK(report.outcome == Outcome::cancelled);
  CHECK_FALSE(bench.took_up(7));
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a failure after an answer is a failure", Cli, FakeClaude, Command) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("answer, then fail"));
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "the disk is full"));
}

TEST_CASE_TEMPLATE("output that makes no sense is passed over", Cli, FakeClaude, Command) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("babble"));
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "It was all Greek.");
}

TEST_CASE_TEMPLATE("an end without an answer is an error, whatever the exit status", Cli, FakeClaude,
                   Command) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("say nothing"));
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "ended without a result"));
}

TEST_CASE_TEMPLATE("an answer of a command that then ends with 1 is no success, and is kept", Cli, FakeClaude,
                   Command) {
  Bench<Cli> bench;
  const auto report = bench.run(bench.task("answer, then exit with 1"));
  CHECK(report.outcome == Outcome::error);
  CHECK(report.exit_status == 1);
  CHECK(contains(report.problem, "exit status 1: something broke"));
  CHECK(report.text == "All is well.");
}

TEST_CASE_TEMPLATE("a flood of output ends the run, and a line of 40 MB does not hurt", Cli, FakeClaude,
                   Command) {
  Bench<Cli> bench;
  SUBCASE("a flood") {
    auto task = bench.task("flood");
    task.max_output_bytes = 4'000'000;
    const auto report = bench.run(task);
    CHECK(report.outcome == Outcome::error);
    CHECK(contains(report.problem, "far too much output"));
  }
  SUBCASE("a flood does not hold up a request to stop") {
    std::stop_source stop;
    std::jthread stopper([&] {
      bench.begun.wait(false);
      stop.request_stop();
    });
    CHECK(bench.run(bench.task("flood"), stop.get_token()).outcome == Outcome::cancelled);
  }
  SUBCASE("a flood does not hold up the deadline") {
    auto task = bench.task("flood");
    task.timeout = std::chrono::seconds(1);
    CHECK(contains(bench.run(task).problem, "ran out of time"));
  }
  SUBCASE("a long line") {
    const auto report = bench.run(bench.task("a long line"));
    CHECK(report.outcome == Outcome::success);
    CHECK(report.text == "That was long.");
  }
  CHECK(bench.no_process_is_left());
}

TEST_CASE_TEMPLATE("a run that fills its folder is ended", Cli, FakeClaude, Command) {
  Bench<Cli> bench;
  auto task = bench.task("fill the disk");
  task.max_bytes_written = 8 << 20;
  const auto report = bench.run(task);
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "the limit for one run is 8 MiB."));
  CHECK(bench.no_process_is_left());
}

// What only Claude Code does.

TEST_CASE("Claude Code names a refused action, and the outcome is blocked") {
  Bench<RealClaude> bench;
  bench.model.specialist("fetch", {bash("curl http://127.0.0.1:9"), say("It is refused.")});
  auto task = bench.task("fetch it");
  task.allowed_tools.clear();
  const auto report = bench.run(task);
  CHECK(report.outcome == Outcome::blocked);
  REQUIRE(report.denials.size() == 1);
  CHECK(report.denials[0].tool == "Bash");
  CHECK(report.denials[0].detail == "curl http://127.0.0.1:9");
}

TEST_CASE("Claude Code tells that its model declined, in words for the chat") {
  Bench<RealClaude> bench;
  bench.model.fail(ModelRequest::From::specialist, answer_in_blocks({"I begin"}, "refusal"));
  const auto report = bench.run(bench.task("something bad"));
  CHECK(report.outcome == Outcome::error);
  CHECK(report.exit_status == 1);
  CHECK(contains(report.problem, "declined"));
  CHECK_FALSE(contains(report.problem, "session"));
  CHECK(report.text.empty());
}

TEST_CASE("of Claude Code's answer in several blocks all are reported") {
  Bench<RealClaude> bench;
  bench.model.fail(ModelRequest::From::specialist,
                   answer_in_blocks({"First part.", "Second part."}, "end_turn"));
  const auto report = bench.run(bench.task("in two blocks"));
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "First part.\n\nSecond part.");
}

TEST_CASE("half a character in Claude Code's answer does not cost the result") {
  Bench<RealClaude> bench;
  auto response = answer_in_blocks({"It is done HALF."}, "end_turn");
  response.body.replace(response.body.find("HALF"), 4, "\\ud83d");
  bench.model.fail(ModelRequest::From::specialist, response);
  const auto report = bench.run(bench.task("half a character"));
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "It is done \uFFFD.");
}

TEST_CASE("Claude Code changes nothing with a plan") {
  Bench<RealClaude> bench;
  auto task = bench.task("write a haiku");
  task.permission = "plan";
  bench.run(task);
  CHECK_FALSE(std::filesystem::exists(bench.folder() / "haiku.txt"));
}

// What only a command does.

TEST_CASE("a command is told model, session and folder, and its tokens are priced") {
  Bench<Command> bench;
  auto report = bench.run(bench.task("make it"));
  CHECK(report.text == "Made made.txt.");
  CHECK(report.tokens.input == 1000);
  CHECK(report.tokens.cache_read == 200);
  CHECK(report.tokens.output == 50);
  CHECK(report.usd == doctest::Approx((1000 + 0.1 * 200 + 50 * 10) / 1e6));
  CHECK(report.usd_is_estimate);
  auto task = bench.task("make it again");
  task.model = "gpt-other";
  task.continues_session = true;
  task.session_id = report.session_id;
  CHECK(bench.run(task).outcome == Outcome::success);
  CHECK(support::read_text(bench.folder() / "made.txt") == "made with gpt-fake\nmade with gpt-other\n");
  CHECK(contains(support::read_text(bench.home() / "codex.journal"),
                 "exec --json -s workspace-write -m gpt-other resume " + report.session_id + " -\n"));
  CHECK(contains(support::read_text(bench.home() / "codex.task"), "make it again"));
}

TEST_CASE("a command reviews with its own read-only arguments, and its findings are read from its answer") {
  Bench<Command> bench;
  auto task = bench.task("review it");
  task.permission = "plan";
  task.result_schema = R"({"type":"object"})";
  const auto report = bench.run(task);
  CHECK(report.outcome == Outcome::success);
  CHECK(contains(report.structured, R"("problem":"dull")"));
  CHECK_FALSE(std::filesystem::exists(bench.folder() / "made.txt"));
}

TEST_CASE("a run that costs too much is ended") {
  Bench<Command> bench;
  auto task = bench.task("write a haiku, then wait");
  task.max_usd = 0.001;
  const auto report = bench.run(task);
  CHECK(report.outcome == Outcome::error);
  CHECK(contains(report.problem, "limit of $0.0010"));
}

// Specialists other than Claude Code, known by configuration alone, and the choice among several.
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;
using support::ModelTurn;
using support::propose;
using support::read_text;

namespace {

const std::string kCodex = support::source_dir() + "/tests/fakes/codex.sh";

std::string arguments(const std::string& mode, const std::string& rest) {
  return "[" + support::toml_text(kCodex) + R"(, "exec", "--json", "-s", ")" + mode +
         R"(", "-m", "{model}", )" + rest + R"("-"])";
}

/// Claude Code (its fake) and, by configuration, Codex (its fake).
class TwoSpecialists : public Desk {
 public:
  TwoSpecialists() : Desk(Claude::fake) {
    config.set("specialist.codex", "type", "\"command\"")
        .set("specialist.codex", "about", "\"small scripts, quickly\"")
        .set("specialist.codex", "run", arguments("workspace-write", ""))
        .set("specialist.codex", "resume", arguments("workspace-write", R"("resume", "{session}", )"))
        .set("specialist.codex", "review", arguments("read-only", ""))
        .set("specialist.codex", "model", "\"gpt-fake\"")
        .set("specialist.codex", "result", "\"type=item.completed item.type=agent_message item.text\"")
        .set("specialist.codex", "session", "\"type=thread.started thread_id\"")
        .set("specialist.codex", "error", R"(["type=turn.failed error.message", "type=error message"])")
        .set("specialist.codex", "input_tokens", "\"type=turn.completed usage.input_tokens\"")
        .set("specialist.codex", "cached_tokens", "\"type=turn.completed usage.cached_input_tokens\"")
        .set("specialist.codex", "output_tokens", "\"type=turn.completed usage.output_tokens\"")
        .set("specialist.codex", "counts", "\"session\"")
        .set("specialist.codex", "usd_per_million_input", "1000.0")
        .set("specialist.codex", "usd_per_million_output", "1000.0")
        .set("specialist.codex", "session_gone", "\"no rollout found\"")
        .set("specialist.codex.environment", "CODEX_KEY", "\"file:codex.key\"")
        .set("specialist.codex.environment", "CODEX_MOOD", "\"good\"")
        .set("specialist.codex.steps", "Bash",
             "\"type=item.started item.type=command_execution item.command\"");
    support::write_text(folder() / "codex.key", "key-of-codex-2342\n");
  }

  static ModelTurn propose_codex(const std::string& slug, const std::string& action = "run") {
    return propose("high", slug, {}, action, "codex");
  }
  std::string journal() const { return read_text(folder() / "codex.journal"); }
};

}  // namespace

TEST_CASE_FIXTURE(TwoSpecialists,
                  "the secretary chooses among specialists, and who began a project goes on with it") {
  model.secretary("small script", {propose_codex("script")});
  model.secretary("more of it", {propose("high", "script", {}, "resume")});
  start();
  say({"write a small script"});
  auto result = dispatch("d-1", "**Done: script.**");
  CHECK(contains(result.text, "Made made.txt."));
  CHECK(contains(result.text, "Created `made.txt`"));
  // 1,000 new, 200 cached (a tenth), 50 out, $1000 a million.
  CHECK(contains(result.text, "about $1.07"));
  CHECK(contains(callbacks.calls().front().text("text"), "On it: *script* with codex"));
  CHECK(query("SELECT specialist FROM dispatches WHERE id = 1") == "codex");

  const auto request = model.requests(ModelRequest::From::secretary).front();
  CHECK(contains(request.raw, "codex: small scripts, quickly"));
  CHECK(contains(request.raw, R"("enum":["claude-code","codex"])"));

  say({"more of it"});
  result = dispatch("d-2", "**Done: script.**");
  // Its CLI counts the whole thread; what is shown is this run's.
  CHECK(contains(result.text, "about $1.07"));
  CHECK(query("SELECT input_tokens FROM ledger WHERE dispatch_id = 2") == "1000");
  CHECK(query("SELECT output_tokens FROM ledger WHERE dispatch_id = 2") ==
        query("SELECT output_tokens FROM ledger WHERE dispatch_id = 1"));
  const auto session = read_text(projects() / "script/.dispatch-logs/last-session-id.codex");
  REQUIRE(session.size() == 37);
  CHECK(contains(journal(), "resume " + session.substr(0, 36) + " -\n"));
  CHECK_FALSE(std::filesystem::exists(projects() / "script/.dispatch-logs/last-session-id"));
  CHECK_FALSE(std::filesystem::exists(folder() / "claude.journal"));
}

TEST_CASE_FIXTURE(TwoSpecialists, "without a choice the usual one works, and a name that is none is mended") {
  const auto wrong = propose("high", "site", {}, "run", "gemini");
  model.secretary("site", {wrong, propose("high", "site")});
  start();
  say({"a site please"});
  dispatch("d-1", "**Done: site.**");
  CHECK(query("SELECT specialist FROM dispatches WHERE id = 1") == "claude-code");
  CHECK(model.saw("must be one of: claude-code, codex"));
}

TEST_CASE_FIXTURE(TwoSpecialists, "a command sees only what it is given, and its key is shown nowhere") {
  config.set("dispatch", "specialist", "\"codex\"");
  environment["CANARY"] = "secret-of-the-operator";
  model.secretary("script", {propose("high", "script")});
  start();
  say({"a script"});
  dispatch("d-1", "**Done: script.**");
  const auto seen = read_text(folder() / "codex.environment");
  CHECK(contains(seen, "CODEX_KEY\n"));
  CHECK(contains(seen, "CODEX_MOOD\n"));
  CHECK(contains(seen, "HOME\n"));
  CHECK_FALSE(contains(seen, "CANARY"));
  CHECK_FALSE(contains(seen, "ANTHROPIC"));
  stop(SIGTERM);
  CHECK_FALSE(contains(program->log(), "key-of-codex"));
  const auto task = read_text(folder() / "codex.task");
  CHECK(contains(task, "a script"));
  CHECK(contains(task, "script"));
}

TEST_CASE_FIXTURE(TwoSpecialists, "a review by a command changes nothing and gives its findings") {
  config.set("dispatch", "specialist", "\"codex\"");
  model.secretary("script", {propose("high", "script")});
  model.secretary("check", {propose("high", "script", "look at it", "review")});
  start();
  say({"a script"});
  dispatch("d-1", "**Done: script.**");
  const auto session = read_text(projects() / "script/.dispatch-logs/last-session-id.codex");
  say({"check it"});
  const auto result = dispatch("d-2", "**Done: script.**");
  CHECK(contains(result.text, "**low** `made.txt:1` dull"));
  CHECK(contains(journal(), "-s read-only"));
  CHECK(read_text(projects() / "script/.dispatch-logs/last-session-id.codex") == session);
}

TEST_CASE_FIXTURE(TwoSpecialists,
                  "who cannot review leaves it to another one, or it is refused in a sentence") {
  config.set("dispatch", "specialist", "\"codex\"").drop("specialist.codex", "review");
  model.secretary("script", {propose("high", "script")});
  model.secretary("check", {propose("high", "script", "look at it", "review")});
  bool another = false;
  SUBCASE("another one") {
    another = true;
  }
  SUBCASE("nobody") {
    config.drop("specialist.claude-code");
  }
  start();
  say({"a script"});
  dispatch("d-1", "**Done: script.**");
  say({"check it"});
  const auto result = dispatch("d-2");
  CHECK(contains(result.text, "specialist.codex.review is not configured") != another);
  CHECK(query("SELECT specialist FROM dispatches WHERE id = 2") == (another ? "claude-code" : "codex"));
}

TEST_CASE_FIXTURE(TwoSpecialists, "a run of a command is cut by kill -9 and goes on in its session") {
  config.set("dispatch", "specialist", "\"codex\"");
  model.secretary("wait", {propose("high", "script", "wait for ever")});
  start();
  say({"wait"});
  REQUIRE(
      support::wait_until([&] { return query("SELECT session_begun FROM dispatches WHERE id = 1") == "1"; }));
  stop(SIGKILL);
  CHECK(support::wait_until([&] { return specialist_processes().empty(); }));
  start();
  REQUIRE(support::wait_until([&] { return contains(journal(), "resume "); }));
  say({"/cancel"});
  CHECK(contains(dispatch("d-1", "**Cancelled.**").text, "script"));
}

TEST_CASE_FIXTURE(TwoSpecialists,
                  "what a command tells of its whole session is booked as it grows, each run's part once") {
  config.set("dispatch", "specialist", "\"codex\"");
  model.secretary("script", {propose("high", "script")});
  model.secretary("more", {propose("high", "script", "tell the cost", "resume")});
  model.secretary("the end", {propose("high", "script", "end it", "resume")});
  const auto booked = [&](const std::string& id) {
    return std::stod(
        query("SELECT coalesce(sum(usd), 0) FROM ledger WHERE purpose = 'specialist' AND "
              "dispatch_id = " +
              id));
  };
  start();
  say({"a script"});
  dispatch("d-1", "**Done: script.**");
  CHECK(booked("1") == doctest::Approx(1.07));
  say({"more of it"});
  // It works on, and the CLI has counted two turns in its session.
  REQUIRE(support::wait_until([&] { return booked("2") > 1; }));
  CHECK(booked("2") == doctest::Approx(1.07));
  CHECK(query("SELECT sum(output_tokens) FROM ledger WHERE dispatch_id = 2") == "50");
  stop(SIGKILL);
  start();
  REQUIRE(support::wait_until([&] { return booked("2") > 2; }));
  CHECK(booked("2") == doctest::Approx(2.14));
  say({"/cancel"});
  CHECK(contains(dispatch("d-2", "**Cancelled.**").text, "$2.14"));
  CHECK(booked("2") == doctest::Approx(2.14));
  CHECK(query("SELECT sum(output_tokens) FROM ledger WHERE dispatch_id = 2") == "100");
  say({"the end"});
  dispatch("d-3", "**Done: script.**");
  CHECK(booked("3") == doctest::Approx(1.07));
}

TEST_CASE_FIXTURE(TwoSpecialists, "who is gone from the configuration does not work, and that is said") {
  config.set("dispatch", "specialist", "\"codex\"").set("dispatch", "timeout_s", "60");
  model.secretary("wait", {propose("high", "script", "wait for ever")});
  start();
  say({"wait"});
  REQUIRE(
      support::wait_until([&] { return query("SELECT session_begun FROM dispatches WHERE id = 1") == "1"; }));
  stop(SIGKILL);
  config.set("dispatch", "specialist", "\"claude-code\"");
  for (const char* section : {"specialist.codex", "specialist.codex.environment", "specialist.codex.steps"}) {
    config.drop(section);
  }
  start();
  CHECK(contains(dispatch("d-1", "no longer configured").text, "\"codex\""));
}

TEST_CASE_FIXTURE(TwoSpecialists, "doctor looks at every specialist") {
  write_config();
  environment["FRONTDESK_CONFIG"] = config_file().string();
  auto told = support::run_frontdesk({"doctor"}, folder(), environment);
  CHECK(contains(told.output, "ok    specialist claude-code: 2.1.330"));
  CHECK(contains(told.output, "ok    specialist codex: codex-cli 0.169.0"));
  config.set("specialist.codex", "run", R"(["no-such-codex", "-m", "{model}"])");
  write_config();
  told = support::run_frontdesk({"doctor"}, folder(), environment);
  CHECK(told.status == 1);
  CHECK(contains(told.output, "FAIL  specialist codex: \"no-such-codex\" was not found"));
}

TEST_CASE_FIXTURE(TwoSpecialists,
                  "the shell works with any specialist, and refuses what that one cannot do") {
  write_config();
  const auto shell = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--config", config_file().string(), "--slug", "tool"});
    return support::run_frontdesk(std::move(words), folder(), environment);
  };
  auto told = shell({"run", "--prompt", "a tool", "--specialist", "codex", "--model", "gpt-x"});
  CHECK(told.status == 0);
  CHECK(contains(told.output, R"("result":"Made made.txt.")"));
  CHECK(contains(told.output, R"("is_error":false)"));
  CHECK(read_text(projects() / "tool/made.txt") == "made with gpt-x\n");
  told = shell({"resume", "--prompt", "more", "--specialist", "codex"});
  CHECK(told.status == 0);
  CHECK(contains(journal(), "resume "));
  CHECK(contains(support::run_frontdesk({"status", "--config", config_file().string(), "--slug", "tool"},
                                        folder(), environment)
                     .output,
                 "Status: success"));

  told = shell({"run", "--prompt", "x", "--specialist", "codex", "--max-turns", "3"});
  CHECK(told.status == 2);
  CHECK(contains(told.errors, "codex has no turn limit"));
  told = shell({"run", "--prompt", "x", "--specialist", "codex", "--allowed-tools", "Bash"});
  CHECK(told.status == 2);
  told = shell({"run", "--prompt", "x", "--specialist", "codx"});
  CHECK(told.status == 2);
  CHECK(contains(told.errors, "did you mean \"codex\"?"));
}

TEST_CASE_FIXTURE(TwoSpecialists, "resume from the shell goes on with whoever worked on the project last") {
  write_config();
  const auto shell = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--config", config_file().string(), "--slug", "tool", "--prompt", "a tool"});
    return support::run_frontdesk(std::move(words), folder(), environment);
  };
  const auto worker_of_resume = [&] {
    const auto told = shell({"resume"});
    CHECK(told.status == 0);
    return contains(told.errors, "resume with codex") ? "codex" : "claude-code";
  };
  shell({"run", "--specialist", "codex"});
  CHECK(worker_of_resume() == "codex");
  CHECK(contains(journal(), "resume "));
  shell({"run", "--specialist", "claude-code"});
  shell({"review", "--specialist", "codex"});  // which is no work on it
  CHECK(worker_of_resume() == "claude-code");
  SUBCASE("by the project's own files where the log does not know it") {
    shell({"run", "--specialist", "codex"});
    for (const auto* file : {"frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm"}) {
      std::filesystem::remove(folder() / file);
    }
    CHECK(worker_of_resume() == "codex");
  }
  SUBCASE("and with the usual one where that one is gone") {
    shell({"run", "--specialist", "codex"});
    config.drop("specialist.codex").drop("specialist.codex.environment").drop("specialist.codex.steps");
    write_config();
    CHECK(worker_of_resume() == "claude-code");
  }
}

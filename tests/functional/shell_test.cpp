// The specialist from the shell: the drop-in for dispatch-cc of expert-dispatch 1.0.2 (docs/specialists.md).
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/checkout.h"
#include "tests/support/json_of.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::Desk;
using support::Finished;
using support::json_of;
using support::ModelRequest;
using support::Program;
using support::propose;
using support::say;
using support::use;

namespace {

namespace fs = std::filesystem;

/// A shell with a specialist, without a configuration file: all comes from the environment, as dispatch-cc's
/// users have it. HOME is a folder of its own.
class Shell {
 public:
  explicit Shell(const std::string& command = support::source_dir() + "/tests/fakes/claude.sh") {
    environment["DISPATCH_CC_BIN"] = command;
    // As a user of the script would have it: a link of that name.
    fs::create_symlink(support::program_path("FRONTDESK_BIN"), folder() / "dispatch-cc");
  }

  fs::path folder() const { return folder_.path(); }
  fs::path project(const std::string& slug) const { return folder() / "dispatch-projects" / slug; }
  fs::path log_of(const std::string& slug, const std::string& file) const {
    return project(slug) / ".dispatch-logs" / file;
  }

  std::unique_ptr<Program> start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), (folder() / "dispatch-cc").string());
    return std::make_unique<Program>(std::move(arguments), folder(), environment);
  }
  Finished operator()(std::vector<std::string> arguments) {
    const auto program = start(std::move(arguments));
    const auto status = program->wait(support::kPatience);
    return {status.value_or(-1), program->output(), program->log()};
  }

  /// A project folder as expert-dispatch 1.0.2 leaves it.
  void old_project(const std::string& slug, const std::string& description, const std::string& result) {
    support::write_text(make(slug, "project.json"), nlohmann::json{{"slug", slug},
                                                                   {"description", description},
                                                                   {"created", "2026-03-31T12:00:00Z"},
                                                                   {"updated", "2026-03-31T12:30:22Z"}}
                                                        .dump(2));
    support::write_text(make(slug, "last-session-id"), "11111111-2222-4333-8444-555555555555\n");
    support::write_text(make(slug, "last-result.txt"), result);
    support::write_text(make(slug, "20260331-143022-12345-result.json"),
                        nlohmann::json{{"result", result},
                                       {"is_error", false},
                                       {"num_turns", 8},
                                       {"stop_reason", "end_turn"},
                                       {"duration_ms", 45'200},
                                       {"session_id", "11111111-2222-4333-8444-555555555555"},
                                       {"permission_denials", nlohmann::json::array()}}
                            .dump());
  }
  fs::path make(const std::string& slug, const std::string& file) {
    fs::create_directories(project(slug) / ".dispatch-logs");
    return log_of(slug, file);
  }

  Program::Environment environment;

 private:
  support::TemporaryFolder folder_;
};

/// A shell whose specialist is the real Claude Code, which speaks to a scripted model.
class RealShell : public Shell {
 public:
  RealShell() : Shell(support::program_path("FRONTDESK_CLAUDE")) {
    support::write_text(folder() / "frontdesk.toml",
                        "[specialist.claude-code]\nbase_url = \"" + model.url() +
                            "\"\napi_key = \"env:SPECIALIST_KEY\"\n[dispatch]\nsandbox = \"off\"\n");
    environment["SPECIALIST_KEY"] = Desk::kSpecialistKey;
  }

  support::ModelServer model;
};

}  // namespace

TEST_CASE("run makes the project, prints the JSON result alone on stdout and tells the progress on stderr") {
  Shell dispatch_cc;
  const auto run =
      dispatch_cc({"run", "--slug", "my-api", "--desc", "Flask REST API for tasks", "--prompt", "Create it"});
  CHECK(run.status == 0);
  const auto result = json_of(run.output);
  CHECK(result.value("result", "") == "Made made.txt.");
  CHECK(contains(run.errors, "[my-api] session"));
  CHECK(contains(run.errors, "made.txt"));
  CHECK(fs::exists(dispatch_cc.project("my-api") / "made.txt"));
  CHECK(
      contains(support::read_text(dispatch_cc.project("my-api") / "CLAUDE.md"), "Flask REST API for tasks"));
  const auto session = result.value("session_id", "");
  CHECK(support::read_text(dispatch_cc.log_of("my-api", "last-session-id")) == session + "\n");
  CHECK(support::read_text(dispatch_cc.log_of("my-api", "last-result.txt")) == "Made made.txt.\n");
  const auto project = json_of(support::read_text(dispatch_cc.log_of("my-api", "project.json")));
  CHECK(project.value("description", "") == "Flask REST API for tasks");

  const auto status = dispatch_cc({"status", "--slug", "my-api"});
  CHECK(status.status == 0);
  for (const auto& line :
       {"Project: my-api\n", "Path: ", "\nLast session: ", "-result.json\n", "\n  Status: success\n",
        "\n  Duration: ", "\n  Turns: 1\n", "\n  Stop reason: end_turn\n", "\nMade made.txt.\n"}) {
    CHECK_MESSAGE(contains(status.output, line), status.output);
  }
  CHECK(contains(status.output, "Last session: " + session));
}

TEST_CASE("resume goes on in the last session, and says so where there is none") {
  Shell dispatch_cc;
  fs::create_directories(dispatch_cc.project("p"));
  const auto first = dispatch_cc({"resume", "--slug", "p", "--prompt", "begin"});
  CHECK(first.status == 0);
  CHECK(contains(first.errors, "no earlier session"));
  const auto second = dispatch_cc({"resume", "--slug", "p", "--prompt", "go on"});
  CHECK(json_of(second.output).value("session_id", "") == json_of(first.output).value("session_id", "x"));
  CHECK(contains(support::read_text(dispatch_cc.folder() / "claude.journal"), "start resume"));
  const auto third = dispatch_cc({"run", "--slug", "p", "--prompt", "anew"});
  CHECK(json_of(third.output).value("session_id", "") != json_of(first.output).value("session_id", ""));
}

TEST_CASE("a review leaves the last session as it was") {
  Shell dispatch_cc;
  dispatch_cc({"run", "--slug", "p", "--prompt", "begin"});
  const auto before = support::read_text(dispatch_cc.log_of("p", "last-session-id"));
  const auto review = dispatch_cc({"review", "--slug", "p"});
  CHECK(review.status == 0);
  CHECK(json_of(review.output).value("session_id", "") + "\n" != before);
  CHECK(support::read_text(dispatch_cc.log_of("p", "last-session-id")) == before);
}

TEST_CASE("a review without findings as data ends with 1 and says so") {
  Shell dispatch_cc;
  dispatch_cc({"run", "--slug", "p", "--prompt", "begin"});
  const auto review = dispatch_cc({"review", "--slug", "p", "--prompt", "only talk"});
  CHECK(review.status == 1);
  CHECK(contains(review.errors, "no findings as data"));
  CHECK(json_of(review.output).value("result", "") == "Made made.txt.");
}

TEST_CASE("resume, review and status of a project that is not there say so, make nothing and end with 1") {
  Shell dispatch_cc;
  const std::vector<std::vector<std::string>> commands = {{"resume", "--slug", "nowhere", "--prompt", "x"},
                                                          {"review", "--slug", "nowhere"},
                                                          {"status", "--slug", "nowhere"},
                                                          {"status", "--json", "--slug", "nowhere"}};
  for (const auto& command : commands) {
    const auto told = dispatch_cc(command);
    CHECK(told.status == 1);
    CHECK(contains(told.errors, "dispatch-cc: Project not found: nowhere; `dispatch-cc list` shows all."));
    CHECK(told.output.empty());
  }
  CHECK_FALSE(fs::exists(dispatch_cc.folder() / "dispatch-projects"));
  CHECK_FALSE(fs::exists(dispatch_cc.folder() / ".local"));
  fs::create_directories(dispatch_cc.project("bare"));
  const auto bare = dispatch_cc({"status", "--slug", "bare"});
  CHECK(bare.status == 0);
  CHECK(contains(bare.output, "Project: bare\n"));
  CHECK(contains(bare.output, "\nLast session: none\nLast run: none\n"));
}

TEST_CASE("the answer is found wherever the CLI put it, without what is meant for a terminal") {
  Shell dispatch_cc;
  const auto answer_to = [&](const std::string& prompt) {
    const auto run = dispatch_cc({"run", "--slug", "p", "--prompt", prompt});
    CHECK(run.status == 0);
    return std::pair(json_of(run.output).value("result", ""),
                     support::read_text(dispatch_cc.log_of("p", "last-result.txt")));
  };
  using Answer = std::pair<std::string, std::string>;
  CHECK(answer_to("an empty result") == Answer("I made it.", "I made it.\n"));
  CHECK(answer_to("two blocks") == Answer("One.\n\nTwo.", "One.\n\nTwo.\n"));
  CHECK(answer_to("in colour").second == "✓ 3 passed\n");
  CHECK(answer_to("half a character").second == "It is done \uFFFD.\n");
}

TEST_CASE("a run that ends without a result gives the words before it, on stdout as in its status") {
  Shell dispatch_cc;
  const auto run = dispatch_cc({"run", "--slug", "p", "--prompt", "words alone"});
  CHECK(run.status != 0);
  CHECK(json_of(run.output).value("result", "") == "I made it.");
  CHECK(json_of(run.output).value("is_error", false));
  CHECK(contains(dispatch_cc({"status", "--slug", "p"}).output, "Last result:\nI made it.\n"));
}

TEST_CASE("the words of a last result that is a list are shown and found, where no file has them") {
  Shell dispatch_cc;
  const auto list = nlohmann::json::array(
      {{{"type", "system"}}, {{"type", "result"}, {"is_error", false}, {"result", "Built a snake game."}}});
  for (const auto* words : {"", "null\n", "\n"}) {
    CAPTURE(words);
    dispatch_cc.old_project("snake", "A game", words);
    support::write_text(dispatch_cc.log_of("snake", "20260331-143022-12345-result.json"), list.dump());
    CHECK(contains(dispatch_cc({"status", "--slug", "snake"}).output, "Last result:\nBuilt a snake game.\n"));
    CHECK(contains(dispatch_cc({"search", "snake", "built"}).output, "1 project\n"));
    fs::remove(dispatch_cc.log_of("snake", "last-result.txt"));
    CHECK(contains(dispatch_cc({"status", "--slug", "snake"}).output, "Built a snake game."));
    CHECK(json_of(dispatch_cc({"status", "--slug", "snake", "--json"}).output).value("last_result", "") ==
          "Built a snake game.\n");
  }
}

TEST_CASE("a result that cannot be read ends the run at once, says so, and keeps the words before it") {
  Shell dispatch_cc;
  const auto run = dispatch_cc({"run", "--slug", "p", "--prompt", "a broken result"});
  CHECK(run.status == 1);
  CHECK(contains(run.errors, "The result of the run cannot be read."));
  CHECK(support::read_text(dispatch_cc.log_of("p", "last-result.txt")) == "I made it.\n");
}

TEST_CASE("projects of expert-dispatch are listed, searched, shown and resumed as they are") {
  Shell dispatch_cc;
  CHECK(dispatch_cc({"list"}).output == "No projects yet.\n");
  CHECK(dispatch_cc({"search", "flask"}).output == "No projects matching 'flask'.\n");
  dispatch_cc.old_project("task-api", "Flask REST API", "Created a Flask REST API.\nAll 12 tests pass.");
  dispatch_cc.old_project("notes", "Meeting notes", "Wrote the minutes of Zürich.");
  fs::create_directories(dispatch_cc.project("not-a-project"));
  const auto list = dispatch_cc({"list"});
  CHECK(list.status == 0);
  CHECK(contains(list.output, "notes     2026-03-31 14:30:22  Meeting notes\n"));
  CHECK(contains(list.output, "task-api  2026-03-31 14:30:22  Flask REST API\n"));
  CHECK(contains(list.output, "\n2 projects\n"));

  CHECK(contains(dispatch_cc({"search", "TESTS", "flask"}).output, "task-api"));
  CHECK_FALSE(contains(dispatch_cc({"search", "tests", "flask"}).output, "notes"));
  CHECK(contains(dispatch_cc({"search", "minutes zürich"}).output, "1 project\n"));
  CHECK(dispatch_cc({"search", "flask", "minutes"}).output == "No projects matching 'flask minutes'.\n");

  const auto status = dispatch_cc({"status", "--slug", "task-api"});
  CHECK(contains(status.output,
                 "Last run: 20260331-143022-12345-result.json\n  Status: success\n  Duration: "
                 "45.2s\n  Turns: 8\n  Stop reason: end_turn\n"));
  CHECK(contains(status.output, "All 12 tests pass."));
  support::write_text(dispatch_cc.folder() / "claude.session.11111111-2222-4333-8444-555555555555", "");
  const auto resumed = dispatch_cc({"resume", "--slug", "task-api", "--prompt", "Add pagination"});
  CHECK(json_of(resumed.output).value("session_id", "") == "11111111-2222-4333-8444-555555555555");
  CHECK(json_of(support::read_text(dispatch_cc.log_of("task-api", "project.json"))).value("created", "") ==
        "2026-03-31T12:00:00Z");
}

TEST_CASE(
    "status shows a blocked run with what was refused, twenty lines of the result, and JSON on demand") {
  Shell dispatch_cc;
  std::string lines;
  for (int i = 1; i <= 30; ++i) {
    lines += "line " + std::to_string(i) + "\n";
  }
  dispatch_cc.old_project("p", "x", lines);
  support::write_text(
      dispatch_cc.make("p", "20260401-000000-7-result.json"),
      R"({"type":"result","is_error":false,"result":"r","num_turns":2,"stop_reason":"end_turn","session_id":"s",
          "permission_denials":[{"tool_name":"Bash","tool_input":{"command":"git commit -m x"}}]})");
  const auto status = dispatch_cc({"status", "--slug", "p"});
  CHECK(contains(status.output, "  Status: BLOCKED (permission denials)\n"));
  CHECK(contains(status.output, "  Denials: Bash (git commit -m x)\n"));
  CHECK(contains(status.output, "line 20\n"));
  CHECK_FALSE(contains(status.output, "line 21"));
  const auto json = json_of(dispatch_cc({"status", "--slug", "p", "--json"}).output);
  CHECK(json.value("status", "") == "blocked");
  CHECK(json["denials"][0].value("detail", "") == "git commit -m x");
  CHECK(json_of(dispatch_cc({"list", "--json"}).output)[0].value("slug", "") == "p");
  CHECK(json_of(dispatch_cc({"search", "--json", "nothing"}).output).empty());

  support::write_text(dispatch_cc.make("p", "20260401-000000-8-result.json"),
                      R"([{"type":"system"},{"type":"result","result":"a","is_error":true,"num_turns":1},
                          {"type":"result","result":"b","is_error":false,"num_turns":7,"stop_reason":"end_turn"}])");
  const auto of_list = dispatch_cc({"status", "--slug", "p"}).output;
  CHECK(contains(of_list, "  Status: success\n"));
  CHECK(contains(of_list, "  Turns: 7\n"));
  support::write_text(dispatch_cc.make("p", "20260402-000000-7-result.json"), "not JSON");
  CHECK(contains(dispatch_cc({"status", "--slug", "p"}).output, "  Status: error\n"));
  const auto unknown = dispatch_cc({"status", "--slug", "nope"});
  CHECK(unknown.status == 1);
  CHECK(contains(unknown.errors, "Project not found: nope"));
}

TEST_CASE("a second run of a project is told who holds it, and other projects run beside it") {
  Shell dispatch_cc;
  support::write_text(dispatch_cc.folder() / "claude.work", "30");
  const auto first = dispatch_cc.start({"run", "--slug", "p", "--prompt", "slow"});
  REQUIRE(support::wait_until([&] { return contains(first->log(), "session"); }));
  const auto second = dispatch_cc({"run", "--slug", "p", "--prompt", "quick"});
  CHECK(second.status == 1);
  CHECK(contains(second.errors, "in use by process " + std::to_string(first->pid())));
  CHECK(contains(dispatch_cc({"status", "--slug", "p"}).output,
                 "Running now: process " + std::to_string(first->pid())));
  support::write_text(dispatch_cc.folder() / "claude.work", "0");
  CHECK(dispatch_cc({"run", "--slug", "q", "--prompt", "quick"}).status == 0);
  first->signal(SIGKILL);
  REQUIRE(first->wait(support::kPatience));
  // The kernel gives the lock free with the last process of the run, whatever killed it.
  CHECK(support::wait_until([&] {
    return dispatch_cc({"run", "--slug", "p", "--prompt", "again"}).status == 0;
  }));
}

TEST_CASE(
    "a run out of time ends with 124, a stopped one with 128 and the signal, and both keep their session") {
  Shell dispatch_cc;
  support::write_text(dispatch_cc.folder() / "claude.work", "60");
  const auto late = dispatch_cc({"run", "--slug", "p", "--prompt", "slow", "--timeout", "1"});
  CHECK(late.status == 124);
  CHECK(json_of(late.output).value("is_error", false));
  CHECK(contains(dispatch_cc({"status", "--slug", "p"}).output, "  Status: error\n"));
  CHECK(contains(support::read_text(dispatch_cc.log_of("p", "last-result.txt")), "ran out of time"));

  const auto stopped = dispatch_cc.start({"resume", "--slug", "p", "--prompt", "slow"});
  REQUIRE(support::wait_until([&] { return contains(stopped->log(), "session"); }));
  stopped->signal(SIGINT);
  CHECK(stopped->wait(support::kPatience) == std::optional(128 + SIGINT));
  CHECK(support::processes_with("HOME=" + dispatch_cc.folder().string()).empty());
}

TEST_CASE("a run out of time that does not listen is not waited for longer than it was given") {
  Shell dispatch_cc;
  support::write_text(dispatch_cc.folder() / "claude.work", "60");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(dispatch_cc({"run", "--slug", "p", "--prompt", "slow", "--timeout", "1"}).status == 124);
  // A second to work, a second to stop, and what starting takes on a busy machine: not the minute that it
  // works.
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(40));
}

TEST_CASE("wrong usage ends with 2 and one line that says what is wrong") {
  Shell dispatch_cc;
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"run", "--slug", "../up", "--prompt", "x"}, "cannot name a project"},
      {{"run", "--slug", "-x", "--prompt", "x"}, "cannot name a project"},
      {{"run", "--slug", "a..b", "--prompt", "x"}, "cannot name a project"},
      {{"run", "--slug", std::string(65, 'a'), "--prompt", "x"}, "cannot name a project"},
      {{"run", "--prompt", "x"}, "--slug"},
      {{"run", "--slug", "p"}, "--prompt TEXT or --prompt-file FILE is missing"},
      {{"run", "--slug", "p", "--prompt", "  "}, "the prompt is empty"},
      {{"run", "--slug", "p", "--prompt-file", "nowhere.txt"}, "there is no file nowhere.txt"},
      {{"run", "--slug", "p", "--prompt", "x", "--timeout", "soon"}, "--timeout"},
      {{"run", "--slug", "p", "--promt", "x"}, "did you mean \"--prompt\"?"},
      {{"serve"}, "unknown argument \"serve\""},
      {{}, "--help"},
  };
  for (const auto& row : cases) {
    const auto wrong = dispatch_cc(row.first);
    CHECK_MESSAGE(wrong.status == 2, row.second);
    CHECK_MESSAGE(contains(wrong.errors, row.second), wrong.errors);
    CHECK(wrong.output.empty());
  }
  CHECK_FALSE(fs::exists(dispatch_cc.folder() / "dispatch-projects"));
  CHECK(contains(dispatch_cc({"--version"}).output, "dispatch-cc 1.0.2"));
  CHECK(contains(dispatch_cc({"run", "--help"}).output, "--allowed-tools"));
  dispatch_cc.environment["DISPATCH_PERMISSION"] = "everything";
  CHECK(dispatch_cc({"run", "--slug", "p", "--prompt", "x"}).status == 2);
}

TEST_CASE("a run from the shell is in the bot's log, and one whose process vanished does not run for ever") {
  Shell dispatch_cc;
  const auto query = [&](const std::string& sql) {
    SQLite::Database db((dispatch_cc.folder() / ".local/share/frontdesk/frontdesk.db").string(),
                        SQLite::OPEN_READONLY, 10'000);
    SQLite::Statement statement(db, sql);
    return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
  };
  dispatch_cc({"run", "--slug", "p", "--prompt", "make it"});
  CHECK(query("SELECT section || ' ' || cause || ' ' || outcome || ' ' || prompt FROM dispatches d JOIN "
              "decisions "
              "ON decisions.id = decision_id JOIN conversations c ON c.id = d.conversation_id") ==
        "shell rule:shell success make it");
  CHECK(query("SELECT count(*) FROM ledger") == "1");
}

TEST_CASE("a database that cannot be used costs a warning, not the run") {
  Shell dispatch_cc;
  support::write_text(dispatch_cc.folder() / ".local", "not a folder");
  const auto run = dispatch_cc({"run", "--slug", "p", "--prompt", "make it"});
  CHECK(run.status == 0);
  CHECK(contains(run.errors, "not written into the bot's log"));
}

TEST_CASE(
    "with the real Claude Code: prompts that begin with - or /, of 400 kB, from a file; flags; a review") {
  RealShell dispatch_cc;
  dispatch_cc.model.specialist("KW_DASH", {say("dash done")});
  dispatch_cc.model.specialist("/compact", {say("slash done")});
  dispatch_cc.model.specialist("KW_LONG", {say("long done")});
  dispatch_cc.model.specialist(
      "fresh eyes", {use("StructuredOutput",
                         {{"summary", "One bug."},
                          {"findings",
                           {{{"severity", "low"}, {"file", "b.py"}, {"problem", "slow"}, {"fix", "none"}},
                            {{"severity", "high"},
                             {"file", "app.py"},
                             {"line", 3},
                             {"problem", "divides by zero"},
                             {"fix", "check it"}}}}})});
  const auto dash = dispatch_cc({"run", "--slug", "p", "--prompt", "- KW_DASH", "--model", "claude-haiku-4-5",
                                 "--system-prompt", "Be brief, KW_SYSTEM.", "--max-turns", "3",
                                 "--allowed-tools", "Bash(pytest:*)", "--verbose"});
  CHECK(dash.status == 0);
  CHECK(json_of(dash.output).value("result", "") == "dash done");
  CHECK(contains(dash.errors, "[p] dash done"));
  const auto request = dispatch_cc.model.requests(ModelRequest::From::specialist).back();
  CHECK(contains(request.raw, "KW_SYSTEM"));
  CHECK(request.body->value("model", "") == "claude-haiku-4-5");
  CHECK(json_of(dispatch_cc({"run", "--slug", "p", "--prompt", "/compact"}).output).value("result", "") ==
        "slash done");
  support::write_text(dispatch_cc.folder() / "long.txt", std::string(400'000, 'x') + " KW_LONG");
  CHECK(
      json_of(dispatch_cc({"run", "--slug", "p", "--prompt-file", "long.txt"}).output).value("result", "") ==
      "long done");

  const auto review = dispatch_cc({"review", "--slug", "p", "--prompt", "look at app.py"});
  CHECK(review.status == 0);
  CHECK(json_of(review.output)["structured_output"]["findings"][1].value("line", 0) == 3);
  CHECK(support::read_text(dispatch_cc.log_of("p", "last-result.txt")) ==
        "One bug.\n\n- **high** `app.py:3` divides by zero\n  Fix: check it\n- **low** `b.py` slow\n  Fix: "
        "none\n\n");
}

TEST_CASE("with the real Claude Code: an error of the API is an error, and a refused action is BLOCKED") {
  RealShell dispatch_cc;
  dispatch_cc.model.specialist("forbidden", {bash("git commit -m x"), say("I could not.")});
  const auto blocked = dispatch_cc({"run", "--slug", "p", "--prompt", "forbidden things"});
  CHECK(blocked.status == 0);
  CHECK(contains(blocked.errors, "BLOCKED"));
  CHECK(contains(blocked.errors, "refused: Bash git commit -m x"));
  CHECK(contains(dispatch_cc({"status", "--slug", "p"}).output, "BLOCKED (permission denials)"));
  dispatch_cc.environment["DISPATCH_CC_BIN"] = "/nonexistent/claude";
  const auto missing = dispatch_cc({"run", "--slug", "q", "--prompt", "x"});
  CHECK(missing.status == 1);
  CHECK(contains(missing.errors, "could not be started"));
}

TEST_CASE("the bot and a shell wait for each other's project") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "site")});
  desk.start();
  support::write_text(desk.folder() / "claude.work", "2");
  Program shell({support::program_path("FRONTDESK_BIN"), "run", "--config", desk.config_file().string(),
                 "--slug", "site", "--prompt", "from the shell"},
                desk.folder(), {});
  REQUIRE(support::wait_until([&] { return contains(shell.log(), "session"); }));
  desk.say({"build it"});
  // The shell's project belongs to no chat, so the chat gets one of its own.
  desk.dispatch("d-2", "**Done: site-2.**");
  CHECK(shell.wait(support::kPatience) == std::optional(0));
  CHECK(desk.query("SELECT group_concat(outcome) FROM dispatches") == "success,success");

  desk.say({"/dispatch site-2 longer work"});
  REQUIRE(support::wait_until(
      [&] { return contains(support::read_text(desk.folder() / "claude.journal"), "start resume"); }));
  const auto refused = support::run_frontdesk(
      {"run", "--config", desk.config_file().string(), "--slug", "site-2", "--prompt", "from the shell"},
      desk.folder());
  CHECK(refused.status == 1);
  CHECK(contains(refused.errors, "in use by process " + std::to_string(desk.program->pid())));
  desk.dispatch("d-3", "**Done: site-2.**");
}

TEST_CASE("with the real Claude Code: a project that has only AGENTS.md is told it, trusted or not") {
  RealShell dispatch_cc;
  fs::create_directories(dispatch_cc.project("p/docs"));
  support::write_text(dispatch_cc.project("p/AGENTS.md"), "KW_AGENTS, and see @docs/more.md");
  support::write_text(dispatch_cc.project("p/docs/more.md"), "KW_MORE");
  SUBCASE("not trusted") {}
  SUBCASE("trusted") {
    const auto file = dispatch_cc.folder() / "frontdesk.toml";
    support::write_text(file, support::read_text(file) + "trusted_projects = [\"p\"]\n");
  }
  const auto told = [&](const std::string& command) {
    CHECK(dispatch_cc({command, "--slug", "p", "--prompt", "look"}).status == 0);
    return dispatch_cc.model.requests(ModelRequest::From::specialist).back().raw;
  };
  auto seen = told("run");
  CHECK(contains(seen, "KW_AGENTS"));
  CHECK(contains(seen, "KW_MORE"));
  CHECK_FALSE(fs::exists(dispatch_cc.project("p/CLAUDE.md")));
  // One that came later, or was made by an earlier version, hides it from the CLI alone.
  support::write_text(dispatch_cc.project("p/CLAUDE.md"), "KW_CLAUDE");
  for (const auto* command : {"run", "resume"}) {
    CAPTURE(command);
    seen = told(command);
    CHECK(contains(seen, "KW_CLAUDE"));
    CHECK(contains(seen, "KW_AGENTS"));
  }
}

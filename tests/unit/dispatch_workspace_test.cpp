#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/stored_result.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using dispatch::ProjectWorkspace;
using nlohmann::json;

struct Fixture {
  support::TemporaryFolder temporary;
  support::FakeClock clock;
  fs::path root = temporary.path() / "projects";

  std::optional<ProjectWorkspace> open(const std::string& slug, const std::string& description = "") {
    return ProjectWorkspace::open(root, slug, description, clock.now());
  }
  std::string text(const fs::path& path) const { return base::read_file(root / path); }
  json project_json(const std::string& slug) const {
    return json::parse(text(fs::path(slug) / ".dispatch-logs/project.json"));
  }
  fs::path write(const fs::path& path, std::string_view words) const {
    return temporary.write("projects" / path, words);
  }
  static dispatch::Report report(const std::string& session, double usd) {
    dispatch::Report r;
    r.text = "Wrote app.py.";
    r.session_id = session;
    r.raw_result = json{{"session_id", session}, {"total_cost_usd", usd}}.dump();
    r.error_output = "a warning\n";
    return r;
  }
};

TEST_CASE_FIXTURE(Fixture, "a new workspace has the folders and files of the contract") {
  CHECK_FALSE(ProjectWorkspace::exists(root, "todo-app"));
  const auto workspace = open("todo-app", "A list of tasks");
  REQUIRE(workspace);
  CHECK(workspace->folder() == root / "todo-app");
  CHECK(ProjectWorkspace::exists(root, "todo-app"));
  CHECK(text("todo-app/CLAUDE.md").find("A list of tasks") != std::string::npos);
  const auto project = project_json("todo-app");
  CHECK(project == json{{"slug", "todo-app"},
                        {"description", "A list of tasks"},
                        {"created", "2026-11-22T16:05:00Z"},
                        {"updated", "2026-11-22T16:05:00Z"}});
  CHECK_FALSE(workspace->last_session("claude-code"));
}

TEST_CASE_FIXTURE(Fixture, "CLAUDE.md is never overwritten") {
  open("todo-app");
  write("todo-app/CLAUDE.md", "my own notes");
  open("todo-app", "Something new");
  CHECK(text("todo-app/CLAUDE.md") == "my own notes");
  write("empty/CLAUDE.md", "");
  open("empty");
  CHECK(text("empty/CLAUDE.md").empty());
}

TEST_CASE_FIXTURE(Fixture, "where there is an AGENTS.md no CLAUDE.md is made, which would hide it") {
  write("site/AGENTS.md", "my own notes");
  REQUIRE(open("site", "A site"));
  CHECK_FALSE(fs::exists(root / "site/CLAUDE.md"));
  CHECK(text("site/AGENTS.md") == "my own notes");
  write("site/docs/agents.md", "my own notes");
  fs::remove(root / "site/AGENTS.md");
  fs::create_symlink("docs/agents.md", root / "site/AGENTS.md");
  REQUIRE(open("site", "A site"));
  CHECK_FALSE(fs::exists(root / "site/CLAUDE.md"));
}

TEST_CASE_FIXTURE(Fixture, "opening again keeps what was created and moves the time of the update") {
  open("todo-app", "A list");
  clock.advance(std::chrono::hours(1));
  open("todo-app");
  CHECK(project_json("todo-app").at("description") == "A list");
  CHECK(project_json("todo-app").at("created") == "2026-11-22T16:05:00Z");
  CHECK(project_json("todo-app").at("updated") == "2026-11-22T17:05:00Z");
  open("todo-app", "A longer list");
  CHECK(project_json("todo-app").at("description") == "A longer list");
}

TEST_CASE_FIXTURE(Fixture, "a folder made by expert-dispatch is opened as it is") {
  write("old/CLAUDE.md", "# old");
  write("old/main.py", "print()");
  write(
      "old/.dispatch-logs/project.json",
      R"({"slug":"old","description":"From before","created":"2025-01-01T00:00:00Z","updated":"x","tags":["a"]})");
  write("old/.dispatch-logs/last-session-id", "11111111-2222-4333-8444-555555555555\n");
  write("old/.dispatch-logs/last-result.txt", "It works.\n");
  const auto workspace = open("old");
  REQUIRE(workspace);
  CHECK(text("old/CLAUDE.md") == "# old");
  CHECK(text("old/main.py") == "print()");
  CHECK(text("old/.dispatch-logs/last-result.txt") == "It works.\n");
  CHECK(workspace->last_session("claude-code") == "11111111-2222-4333-8444-555555555555");
  const auto project = project_json("old");
  CHECK(project.at("description") == "From before");
  CHECK(project.at("created") == "2025-01-01T00:00:00Z");
  CHECK(project.at("tags") == json({"a"}));
}

TEST_CASE_FIXTURE(Fixture, "a project.json that cannot be read is made anew") {
  write("broken/.dispatch-logs/project.json", "{ not json");
  REQUIRE(open("broken", "Mended"));
  CHECK(project_json("broken").at("description") == "Mended");
}

TEST_CASE_FIXTURE(Fixture, "a project folder that is a link is refused, and nothing is written behind it") {
  fs::create_directories(root);
  const auto outside = temporary.path() / "outside";
  fs::create_directories(outside);
  fs::create_directory_symlink(outside, root / "todo-app");
  CHECK_THROWS_WITH_AS(open("todo-app"), doctest::Contains("link"), base::PermanentError);
  CHECK(fs::is_empty(outside));
  fs::create_directories(root / "blog");
  fs::create_directory_symlink(outside, root / "blog/.dispatch-logs");
  CHECK_THROWS_WITH_AS(open("blog"), doctest::Contains("link"), base::PermanentError);
  CHECK(fs::is_empty(outside));
}

TEST_CASE_FIXTURE(Fixture, "the root itself may be a link") {
  const auto real = temporary.path() / "real";
  fs::create_directories(real);
  fs::create_directory_symlink(real, root);
  const auto workspace = open("todo-app");
  REQUIRE(workspace);
  CHECK(workspace->folder() == real / "todo-app");
}

TEST_CASE_FIXTURE(Fixture, "a place where no folder can be is refused in a sentence") {
  write("todo-app", "a file in place of the folder");
  CHECK_THROWS_WITH_AS(open("todo-app"), doctest::Contains("cannot be used"), base::PermanentError);
  root = temporary.write("not-a-folder", "a file in place of the root");
  CHECK_THROWS_WITH_AS(open("blog"), doctest::Contains("cannot be used"), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a name that is no slug is refused before anything is written") {
  for (const char* slug : {"", "..", "a/b", "/etc", "../x", ".hidden", "-x", "a b"}) {
    CAPTURE(std::string(slug));
    CHECK_THROWS_AS(open(slug), base::PermanentError);
    CHECK_FALSE(ProjectWorkspace::exists(root, slug));
  }
  CHECK_FALSE(fs::exists(root));
}

TEST_CASE_FIXTURE(Fixture, "one run at a time holds a project, and the holder is named") {
  {
    const auto first = open("todo-app");
    REQUIRE(first);
    CHECK_FALSE(open("todo-app"));
    CHECK(open("blog"));
    CHECK(ProjectWorkspace::holder(root, "todo-app").starts_with("process " + std::to_string(::getpid())));
  }
  CHECK(open("todo-app"));
}

TEST_CASE_FIXTURE(Fixture, "another process that holds a project is named, and its lock goes with it") {
  int ready[2];
  int end[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(end) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(end[1]);
    const auto held = open("todo-app");
    char byte = held ? 'y' : 'n';
    [[maybe_unused]] const auto written = ::write(ready[1], &byte, 1);
    [[maybe_unused]] const auto waited = ::read(end[0], &byte, 1);  // until the test closes its end
    ::_exit(0);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK_FALSE(open("todo-app"));
  CHECK(
      ProjectWorkspace::holder(root, "todo-app").starts_with("process " + std::to_string(child) + " since "));
  ::close(end[1]);
  ::waitpid(child, nullptr, 0);
  CHECK(open("todo-app"));
  for (const int fd : {ready[0], ready[1], end[0]}) {
    ::close(fd);
  }
}

TEST_CASE_FIXTURE(Fixture, "the last session is remembered") {
  auto workspace = open("todo-app");
  const std::string id = "11111111-2222-4333-8444-555555555555";
  workspace->set_last_session("claude-code", id);
  CHECK(workspace->last_session("claude-code") == id);
  CHECK(text("todo-app/.dispatch-logs/last-session-id") == id + "\n");
  workspace->set_last_session("codex", "session-1");
  CHECK(workspace->last_session("codex") == "session-1");
  // Claude Code would refuse each attempt to resume it.
  for (const std::string other :
       {"nope-session", "11111111-2222-4333-8444-55555555555", "11111111-2222-4333-8444-555555555555x",
        "1111111112222-4333-8444-555555555555"}) {
    workspace->set_last_session("claude-code", other);
    CHECK_FALSE(workspace->last_session("claude-code"));
  }
}

TEST_CASE_FIXTURE(Fixture, "who worked last is known by the session files, of those that are asked for") {
  const auto last = [&](const std::vector<std::string>& names) {
    return ProjectWorkspace::last_specialist(root, "site", names);
  };
  CHECK_FALSE(last({"claude-code", "codex"}));
  auto workspace = open("site");
  REQUIRE(workspace);
  CHECK_FALSE(last({"claude-code", "codex"}));
  workspace->set_last_session("codex", "s-1");
  workspace->set_last_session("claude-code", "s-2");
  const auto file = root / "site/.dispatch-logs/last-session-id.codex";
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::hours(1));
  CHECK(last({"claude-code", "codex"}) == "codex");
  CHECK(last({"claude-code"}) == "claude-code");
}

TEST_CASE_FIXTURE(Fixture, "the money of a session is found in a result that is a list of events, too") {
  const auto workspace = open("site");
  REQUIRE(workspace);
  write("site/.dispatch-logs/20260401-000000-1-result.json",
        R"([{"type":"system"},{"type":"result","session_id":"s-1","total_cost_usd":2.5}])");
  CHECK(workspace->spent_in_session("s-1", "") == doctest::Approx(2.5));
}

TEST_CASE_FIXTURE(Fixture, "a result is saved under its record, with its words and its error output") {
  auto workspace = open("todo-app");
  const auto record = workspace->new_record(clock.now(), 3);
  CHECK_FALSE(workspace->saved_result(record));
  clock.advance(std::chrono::minutes(2));
  workspace->save(record, report("s-1", 0.5), clock.now());
  CHECK(json::parse(text("todo-app/.dispatch-logs/" + record + "-result.json")).at("session_id") == "s-1");
  CHECK(text("todo-app/.dispatch-logs/" + record + "-stderr.log") == "a warning\n");
  CHECK(text("todo-app/.dispatch-logs/last-result.txt") == "Wrote app.py.\n");
  CHECK(project_json("todo-app").at("updated") == "2026-11-22T16:07:00Z");
  CHECK(workspace->saved_result(record));
}

TEST_CASE_FIXTURE(Fixture, "a run without a result leaves its problem as the last result") {
  auto workspace = open("todo-app");
  dispatch::Report r;
  r.problem = "It ran out of time.";
  workspace->save("r-1", r, clock.now());
  CHECK(text("todo-app/.dispatch-logs/last-result.txt") == "It ran out of time.\n");
  const auto saved = dispatch::report_of_result(workspace->saved_result("r-1").value_or(""), "/");
  CHECK(saved.outcome == dispatch::Outcome::error);
  CHECK(saved.problem == "It ran out of time.");
}

TEST_CASE_FIXTURE(
    Fixture,
    "a run without a result that said something leaves its words, in both files, beside its problem") {
  auto workspace = open("todo-app");
  dispatch::Report report;
  report.text = "I made it.";
  report.problem = "It ended without a result.";
  workspace->save("r", report, clock.now());
  CHECK(text("todo-app/.dispatch-logs/last-result.txt") == "I made it.\n");
  const auto stored = text("todo-app/.dispatch-logs/r-result.json");
  CHECK(json::parse(stored)["result"] == "I made it.");
  const auto read = dispatch::report_of_result(stored, {});
  CHECK(read.outcome == dispatch::Outcome::error);
  CHECK(read.text == "I made it.");
  CHECK(read.problem == "It ended without a result.");
}

TEST_CASE_FIXTURE(Fixture, "a record's name is local time and a number that is not taken") {
  auto workspace = open("todo-app");
  const auto first = workspace->new_record(clock.now(), 1);
  CHECK(first.size() == std::string("20261122-160500-1").size());
  CHECK(first.ends_with("-1"));
  workspace->save(first, report("s", 0), clock.now());
  const auto second = workspace->new_record(clock.now(), 1);
  CHECK(second == first.substr(0, first.size() - 1) + "2");
  dispatch::Report without_result;
  workspace->save(second, without_result, clock.now());
  CHECK(workspace->new_record(clock.now(), 1).ends_with("-3"));
}

TEST_CASE_FIXTURE(
    Fixture, "what a session has cost is in its newest result, other sessions and the run itself left out") {
  auto workspace = open("todo-app");
  CHECK(workspace->spent_in_session("s-1", "") == 0);
  workspace->save("20261122-160500-1", report("s-1", 0.25), clock.now());
  workspace->save("20261122-160600-2", report("s-1", 0.75), clock.now());
  workspace->save("20261122-160700-3", report("s-2", 5), clock.now());
  write("todo-app/.dispatch-logs/20261122-170000-9-result.json", "{ cut off");
  CHECK(workspace->spent_in_session("s-1", "") == doctest::Approx(0.75));
  CHECK(workspace->spent_in_session("s-1", "20261122-160600-2") == doctest::Approx(0.25));
  CHECK(workspace->spent_in_session("s-3", "") == 0);
}

TEST_CASE_FIXTURE(Fixture, "the baseline of a run stays that of its beginning until it is forgotten") {
  auto workspace = open("todo-app");
  write("todo-app/a.txt", "a");
  const auto first = workspace->baseline("d-1");
  write("todo-app/b.txt", "b");
  const auto again = workspace->baseline("d-1");
  CHECK(again.changes_to(dispatch::FolderSnapshot::take(workspace->folder())).size() == 1);
  CHECK(first.changes_to(again).empty());
  workspace->forget_baseline("d-1");
  const auto fresh = workspace->baseline("d-1");
  CHECK(fresh.changes_to(dispatch::FolderSnapshot::take(workspace->folder())).empty());
  CHECK_NOTHROW(workspace->forget_baseline("never-made"));
}

TEST_CASE_FIXTURE(Fixture, "a baseline that was damaged says that it is not complete") {
  auto workspace = open("todo-app");
  for (const char* damaged : {"", "{", "[]", R"({"complete":true,"files":{"a.txt":5}})",
                              R"({"complete":true,"files":{"a.txt":["x",null]}})"}) {
    CAPTURE(std::string(damaged));
    write("todo-app/.dispatch-logs/d-1-baseline.json", damaged);
    CHECK_FALSE(workspace->baseline("d-1").complete());
  }
}

}  // namespace

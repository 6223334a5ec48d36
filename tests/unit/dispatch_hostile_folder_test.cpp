// A project's folder in the hands of somebody who means harm: no file of it waits for anybody, fills the
// memory or leads elsewhere.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "dispatch/project/catalog.h"
#include "dispatch/project/context.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/event_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using dispatch::ProjectWorkspace;

constexpr off_t kTwoGiB = 2LL << 30;

struct Fixture {
  support::TemporaryFolder temporary;
  support::FakeClock clock;
  fs::path root = temporary.path() / "projects";
  fs::path logs = root / "site/.dispatch-logs";

  std::optional<ProjectWorkspace> open() const {
    return ProjectWorkspace::open(root, "site", "A site", clock.now());
  }
  /// In place of whatever is there.
  static void pipe_at(const fs::path& path) {
    fs::create_directories(path.parent_path());
    fs::remove(path);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  static void holes_at(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::FILE* const file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    std::fclose(file);
    REQUIRE(::truncate(path.c_str(), kTwoGiB) == 0);
  }
  static dispatch::Report report() {
    dispatch::Report r;
    r.outcome = dispatch::Outcome::success;
    r.text = "Made it.";
    r.session_id = "11111111-2222-4333-8444-555555555555";
    return r;
  }
  void use_all() const {
    auto workspace = open();
    REQUIRE(workspace);
    workspace->last_session("claude-code");
    workspace->last_session("codex");
    workspace->baseline("d-1");
    workspace->saved_result("r-1");
    workspace->save("r-2", report(), clock.now());
    workspace->spent_in_session("s", "");
    dispatch::EventLog(workspace->event_log("r-1")).add("{}", clock.now());
    dispatch::EventLog::read(workspace->event_log("r-1"));
    dispatch::compress_old_event_logs(workspace->event_log("r-1").parent_path());
    dispatch::project_context(workspace->folder(), dispatch::ReadByCli::nothing);
    const dispatch::ProjectCatalog catalog(root);
    CHECK(catalog.search({"site"}).size() == 1);
    if (const auto found = catalog.find("site")) {
      dispatch::ProjectCatalog::last_report(*found);
    }
    ProjectWorkspace::holder(root, "site");
  }
};

constexpr const char* kLogFiles[] = {"project.json",     "last-session-id",    "last-session-id.codex",
                                     "last-result.txt",  "d-1-baseline.json",  "r-1-result.json",
                                     "r-1-events.jsonl", "r-1-events.jsonl.gz"};

TEST_CASE_FIXTURE(Fixture, "no named pipe in a project holds whoever reads it") {
  for (const auto* name : kLogFiles) {
    pipe_at(logs / name);
  }
  pipe_at(root / "site/CLAUDE.md");
  pipe_at(root / "site/AGENTS.md");
  use_all();
  pipe_at(logs / "run.lock");
  CHECK(ProjectWorkspace::holder(root, "site").empty());
  ProjectWorkspace::live_holder(root, "site");
  CHECK_THROWS_AS(open(), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "no file of a project fills the memory") {
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  for (const auto* name : kLogFiles) {
    holes_at(logs / name);
  }
  holes_at(logs / "20260101-000000-9-result.json");
  holes_at(root / "site/CLAUDE.md");
  holes_at(root / "site/.claude/rules/a.md");
  use_all();
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  // In KiB; the holes are 2 GiB each. A sanitizer keeps what was freed for a while.
  CHECK(after.ru_maxrss - before.ru_maxrss < 768 * 1024);
}

TEST_CASE_FIXTURE(Fixture, "a log folder that is made a link during a run takes no file elsewhere") {
  auto workspace = open();
  REQUIRE(workspace);
  const auto trap = temporary.path() / "trap";
  fs::create_directories(trap);
  fs::rename(logs, root / "site/moved");
  fs::create_directory_symlink(trap, logs);
  workspace->save("r-1", report(), clock.now());
  workspace->set_last_session("claude-code", "s-1");
  workspace->baseline("d-1");
  { dispatch::EventLog(workspace->event_log("r-1")).add("{}", clock.now()); }
  CHECK(fs::is_empty(trap));
  CHECK(fs::exists(root / "site/moved/r-1-result.json"));
  CHECK(dispatch::EventLog::read(workspace->event_log("r-1")).size() == 1);
  CHECK_FALSE(dispatch::ProjectCatalog(root).find("site")->last_text);
}

TEST_CASE_FIXTURE(Fixture, "what a run makes a link is replaced or left alone, but not followed") {
  auto workspace = open();
  REQUIRE(workspace);
  const auto outside = temporary.write("outside.txt", "outside");
  for (const auto* name : kLogFiles) {
    fs::remove(logs / name);
    fs::create_symlink(outside, logs / name);
  }
  workspace->save("r-1", report(), clock.now());
  { dispatch::EventLog(workspace->event_log("r-1")).add("{\"n\":1}", clock.now()); }
  CHECK_FALSE(workspace->last_session("claude-code"));
  CHECK(base::read_file(outside) == "outside");
}

TEST_CASE_FIXTURE(Fixture, "a session that a project's file names is no option of a command") {
  auto workspace = open();
  REQUIRE(workspace);
  for (const char* id : {"--dangerously-skip-permissions", "-c", "a b", "x\ny", ""}) {
    temporary.write("projects/site/.dispatch-logs/last-session-id", id);
    CHECK_FALSE(workspace->last_session("claude-code"));
  }
}

}  // namespace

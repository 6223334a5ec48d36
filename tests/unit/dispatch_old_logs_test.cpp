#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "dispatch/project/old_logs.h"
#include "dispatch/project/workspace.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

struct Fixture {
  support::TemporaryFolder root;
  support::FakeClock clock;

  fs::path logs(const std::string& slug) const { return root.path() / slug / ".dispatch-logs"; }
  /// What a run of that day of January left, so many days ago.
  void run(const std::string& slug, int day, int days_ago) const {
    const auto record = std::string("202601") + (day < 10 ? "0" : "") + std::to_string(day) + "-120000-1";
    for (const char* ending : {"-result.json", "-stderr.log", "-events.jsonl.gz"}) {
      place(slug, record + ending, days_ago);
    }
  }
  void place(const std::string& slug, const std::string& name, int days_ago) const {
    const auto file = root.write(fs::path(slug) / ".dispatch-logs" / name, "{}");
    const auto age = std::chrono::hours(24 * days_ago);
    fs::last_write_time(file, fs::file_time_type::clock::from_sys(clock.now() - age));
  }
  int prune(const std::optional<std::chrono::hours>& results,
            const std::optional<std::chrono::hours>& events) const {
    dispatch::OldLogs before;
    if (results) {
      before.results = clock.now() - *results;
    }
    if (events) {
      before.events = clock.now() - *events;
    }
    return dispatch::remove_old_logs(root.path(), before);
  }
  std::set<std::string> names(const std::string& slug) const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(logs(slug))) {
      found.insert(entry.path().filename().string());
    }
    return found;
  }
};

TEST_CASE_FIXTURE(Fixture, "old runs go by what is asked, and the newest three of a project stay") {
  for (int day = 1; day <= 6; ++day) {
    run("site", day, 100 - day);
  }
  CHECK(prune(std::nullopt, std::nullopt) == 0);
  CHECK(prune(std::nullopt, 24h * 98) == 1);  // the events of the first day alone
  CHECK_FALSE(names("site").contains("20260101-120000-1-events.jsonl.gz"));
  CHECK(names("site").contains("20260101-120000-1-result.json"));
  CHECK(prune(24h * 90, 24h * 90) == 8);
  CHECK(names("site").size() == 9);
  CHECK(names("site").begin()->starts_with("20260104"));
  CHECK(prune(24h, 24h) == 0);
}

TEST_CASE_FIXTURE(Fixture, "what is no file of a run stays, however old, and so does what is young") {
  for (int day = 1; day <= 5; ++day) {
    run("site", day, day <= 2 ? 1 : 100);
  }
  for (const char* name : {"project.json", "last-result.txt", "last-session-id",
                           "20250101-120000-1-notes.txt", "20250101-1200-result.json"}) {
    place("site", name, 400);
  }
  place("No slug!", "20250101-120000-1-result.json", 400);
  const auto before = names("site");
  CHECK(prune(24h * 10, 24h * 10) == 0);
  CHECK(names("site") == before);
  CHECK(names("No slug!").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "links lead nowhere, and a project in which somebody works is left alone") {
  for (int day = 1; day <= 5; ++day) {
    run("site", day, 100);
  }
  const support::TemporaryFolder outside;
  outside.write("20250101-120000-1-result.json", "{}");
  fs::create_directories(root.path() / "linked");
  fs::create_directory_symlink(outside.path(), root.path() / "linked" / ".dispatch-logs");
  fs::create_directory_symlink(root.path() / "site", root.path() / "also");
  fs::create_symlink(outside.path() / "20250101-120000-1-result.json",
                     logs("site") / "20250101-120000-1-result.json");
  {
    const auto held = dispatch::ProjectWorkspace::open(root.path(), "site", "", clock.now());
    REQUIRE(held);
    CHECK(prune(24h, 24h) == 0);
  }
  CHECK(prune(24h, 24h) == 6);
  CHECK(fs::exists(outside.path() / "20250101-120000-1-result.json"));
  CHECK(fs::is_symlink(logs("site") / "20250101-120000-1-result.json"));
}

}  // namespace

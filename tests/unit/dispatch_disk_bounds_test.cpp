#include <atomic>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/process/child_process.h"
#include "dispatch/adapters/disk_bounds.h"
#include "dispatch/adapters/disk_usage.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

namespace {

namespace fs = std::filesystem;
using base::ChildProcess;
using dispatch::DiskBounds;
using support::contains;

constexpr std::uintmax_t kMiB = 1024 * 1024;

struct Fixture {
  support::TemporaryFolder folder;
  fs::path project = make("project");
  fs::path sessions = make("sessions");

  fs::path make(const char* name) const {
    fs::create_directories(folder.path() / name);
    return folder.path() / name;
  }
  ChildProcess::Spec spec(const std::string& script) const {
    return {{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"}, project};
  }
  /// What is said where the script passes a bound of 20 MiB; empty where it does not and ends by itself.
  std::string problem_of(const std::string& script) const {
    ChildProcess child(spec(script), {});
    child.close_input();
    const DiskBounds bounds(
        {.folders = {project, sessions}, .max_growth = 20 * kMiB, .supervisor = child.supervisor()},
        [&] { child.kill(); });
    std::string line;
    while (child.next(line, std::chrono::steady_clock::now() + support::kPatience) ==
           ChildProcess::Next::line) {
    }
    return bounds.passed().value_or("");
  }
};

TEST_SUITE("threaded: the bounds of what a run writes") {
  TEST_CASE_FIXTURE(Fixture, "a run that stays within them is not ended") {
    CHECK(problem_of("head -c 10000000 /dev/zero > small; sleep 0.3").empty());
    CHECK(problem_of("truncate -s 10G holes; sleep 0.3").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "a run is ended wherever it writes more") {
    const char* const scripts[] = {"head -c 40000000 /dev/zero > large; sleep 60",
                                   "head -c 40000000 /dev/zero > ../sessions/large; sleep 60",
                                   "exec 5> gone; rm gone; head -c 40000000 /dev/zero >&5; sleep 60",
                                   // Longer than any path that a call takes.
                                   R"(python3 -c 'import os
for i in range(20): os.mkdir("d" * 250); os.chdir("d" * 250)
open("large", "wb").write(bytes(40000000))'; sleep 60)"};
    for (const auto* script : scripts) {
      CAPTURE(std::string(script));
      const auto begin = std::chrono::steady_clock::now();
      CHECK(contains(problem_of(script), "the limit for one run is 20 MiB"));
      CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
      fs::remove_all(project / "large");
      fs::remove_all(sessions / "large");
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a run that writes as fast as the disk takes it is ended soon") {
    if (fs::space(project).available < 4096 * kMiB) {
      return;
    }
    CHECK(contains(problem_of("cat /dev/zero > large"), "the limit for one run is 20 MiB"));
    CHECK(fs::file_size(project / "large") < (20 + 512) * kMiB);
  }

  TEST_CASE_FIXTURE(Fixture, "no file can be made larger than the limit and the largest that is there") {
    folder.write("project/there", std::string(2'000'000, 'x'));
    CHECK(DiskBounds::largest_file(project, 0) == 0);
    const auto most = DiskBounds::largest_file(project, 1'000'000);
    CHECK(most == 3'000'000 + (1 << 20));
    auto limited = spec("head -c 5000000 /dev/zero > large; echo $?; ulimit -H -f");
    limited.max_file_bytes = most;
    ChildProcess child(limited, {});
    std::string line;
    while (child.next(line, std::chrono::steady_clock::now() + support::kPatience) ==
           ChildProcess::Next::line) {
    }
    CHECK(fs::file_size(project / "large") == most);
  }
}

TEST_CASE_FIXTURE(Fixture, "a file counts once and for what it takes, and a link does not lead elsewhere") {
  folder.write("project/a/b/file", std::string(100'000, 'x'));
  fs::create_hard_link(project / "a/b/file", project / "again");
  fs::create_directory_symlink("/usr", project / "link");
  dispatch::DiskUsage usage;
  dispatch::add_folder(project, 1ULL << 40, usage);
  CHECK(usage.bytes >= 100'000);
  CHECK(usage.bytes < 200'000);
  CHECK(usage.largest_file == 100'000);
  dispatch::DiskUsage none;
  dispatch::add_folder(folder.path() / "no", 1, none);
  CHECK(none.bytes == 0);
}

}  // namespace

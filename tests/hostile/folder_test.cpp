// A project's folder, its disk and the end of a run in the hands of a specialist that means harm.
#include <fstream>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/program/obedient_desk.h"

using support::contains;
using support::ObedientDesk;
using Walls = ObedientDesk::Walls;

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMiB = 1024 * 1024;

/// The most memory that the program has ever had, in MiB.
long peak_memory(const ObedientDesk& desk) {
  std::ifstream status("/proc/" + std::to_string(desk.program->pid()) + "/status");
  long kib = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      status >> kib;
    }
  }
  return kib / 1024;
}

/// A small disk in place of a folder, for as long as it lives.
class SmallDisk {
 public:
  SmallDisk(fs::path at, const std::string& size) : at_(std::move(at)) {
    fs::create_directories(at_);
    mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", MS_NOSUID, ("size=" + size).c_str()) == 0;
    if (!mounted_) {
      MESSAGE("not tested here: nothing can be mounted");
    }
  }
  ~SmallDisk() {
    if (mounted_) {
      ::umount2(at_.c_str(), MNT_DETACH);
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  const fs::path at_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("every folder of the sandbox that is memory has a bound, and /dev takes no files") {
  if (!support::sandbox_works()) {
    return;
  }
  ObedientDesk desk(ObedientDesk::Walls::sandbox);
  desk.start();
  const auto printed = desk.printed(
      "for f in /tmp /dev/shm /var/tmp; do m=$(df -m --output=size $f | tail -1); [ $m -le 1024 ] && echo BOUNDED; "
      "done; touch /dev/x 2>/dev/null && echo MADE; echo x > /dev/null && echo NULL");
  CHECK(contains(printed, "BOUNDED\nBOUNDED\nBOUNDED\nNULL"));
  CHECK_FALSE(contains(printed, "MADE"));
}

TEST_CASE("files of holes and named pipes in a project cost the program neither memory nor a worker") {
  ObedientDesk desk;
  desk.start();
  desk.printed(
      "rm -f CLAUDE.md .dispatch-logs/project.json; truncate -s 2G CLAUDE.md AGENTS.md; mkfifo pipe "
      ".dispatch-logs/project.json; cd .dispatch-logs; truncate -s 2G last-session-id.codex "
      "20200101-000000-1-result.json");
  CHECK(contains(
      desk.run("rm -f .dispatch-logs/last-session-id; mkfifo .dispatch-logs/last-session-id; echo SECOND",
               "SECOND")
          .text,
      "**Done"));
  CHECK(contains(desk.run("echo THIRD", "THIRD").text, "**Done"));
  desk.say({"/status"});
  CHECK(desk.call("GET", "/healthz").status < 500);
  CHECK(peak_memory(desk) < 1500);
}

TEST_CASE("a log folder that a run makes a link takes no file elsewhere") {
  ObedientDesk desk;
  desk.start();
  const auto trap = desk.folder() / "trap";
  fs::create_directories(trap);
  desk.printed("mv .dispatch-logs moved; ln -s ../../trap .dispatch-logs; echo DONE");
  CHECK(fs::is_empty(trap));
  CHECK(desk.query("SELECT outcome FROM dispatches WHERE id = 1") == "success");
  CHECK(contains(desk.run("echo AGAIN", "**").text, "link"));
  CHECK(fs::is_empty(trap));
}

TEST_CASE("a run that removes its folder is told once, with what it cost") {
  ObedientDesk desk;
  desk.start();
  const auto shown = desk.run("rm -rf \"$PWD\"; echo GONE", "GONE");
  CHECK(contains(shown.text, "could not be written into the project folder"));
  CHECK(desk.query("SELECT outcome || attempts FROM dispatches") == "success1");
  CHECK(desk.query("SELECT sum(usd) > 0 FROM ledger WHERE purpose = 'specialist'") == "1");
}

TEST_CASE("the result and the cost of a run outlive a full disk of the projects") {
  ObedientDesk desk;
  const SmallDisk disk(desk.projects(), "4m");
  if (!disk.mounted()) {
    return;
  }
  desk.config.set("dispatch", "max_written_mb", "0");
  desk.start();
  desk.begin("cat /dev/zero > fill 2>/dev/null; echo FULL");
  const auto shown = desk.dispatch("d-1", "**");
  CHECK(desk.query("SELECT state || attempts FROM dispatches") == "finished1");
  CHECK(desk.query("SELECT count(*) FROM ledger WHERE purpose = 'specialist'") == "1");
  CHECK_FALSE(contains(shown.text, "restarted"));
}

TEST_CASE("the end of a run is written although the disk of the database is full") {
  ObedientDesk desk;
  const auto data = desk.folder() / "data";
  const SmallDisk disk(data, "160m");
  if (!disk.mounted()) {
    return;
  }
  desk.config.set("store", "url", "\"sqlite:data/frontdesk.db\"");
  desk.start();
  CHECK(fs::exists(data / "frontdesk.db.reserve"));
  desk.begin(
      "touch ../begun; while [ ! -e ../go ]; do sleep 0.1; done; head -c 300000 /dev/zero | tr '\\0' x; echo END");
  REQUIRE(support::wait_until([&] { return fs::exists(desk.projects() / "begun"); }));
  {
    std::ofstream fill(data / "fill", std::ios::binary);
    const std::string block(4096, 'x');
    while (fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  support::write_text(desk.projects() / "go", "");
  desk.dispatch("d-1", "**Done");
  CHECK(contains(desk.program->log(), "the reserve beside the database is given up"));
  CHECK_FALSE(fs::exists(data / "frontdesk.db.reserve"));
}

TEST_CASE("a run that writes as fast as it can is stopped before it has taken much") {
  const auto is_sandboxed = support::sandbox_works();
  for (const auto walls : {Walls::none, Walls::sandbox}) {
    if (walls == Walls::sandbox && !is_sandboxed) {
      continue;
    }
    // Whoever has no rights has less to go by: what root's processes wrote can be looked up in any case.
    ObedientDesk desk(walls,
                      support::can_be_ordinary() ? ObedientDesk::User::ordinary : ObedientDesk::User::own);
    if (fs::space(desk.folder()).available < 4096 * kMiB) {
      MESSAGE("not tested here: the disk is nearly full");
      return;
    }
    desk.config.set("dispatch", "max_written_mb", "20");
    desk.start();
    const auto free = fs::space(desk.folder()).available;
    CHECK(contains(
        desk.run("for i in 1 2 3 4 5 6 7 8 9; do cat /dev/zero > large-$i 2>/dev/null; done; sleep 60").text,
        "the limit for one run is 20 MiB"));
    std::uintmax_t taken = 0;
    for (const auto& entry : fs::directory_iterator(desk.site())) {
      taken += entry.is_regular_file() ? entry.file_size() : 0;
    }
    CHECK(taken < (20 + 512) * kMiB);
    CHECK(free > fs::space(desk.folder()).available - 600 * kMiB);
    CHECK(fs::file_size(desk.folder() / "frontdesk.db.reserve") == 64 * kMiB);
  }
}

TEST_CASE("what a run writes beside its folder counts, too") {
  if (!support::sandbox_works()) {
    return;
  }
  ObedientDesk desk(Walls::sandbox);
  desk.config.set("dispatch", "max_written_mb", "20");
  desk.start();
  const char* const scripts[] = {
      "for i in 1 2 3; do head -c 15000000 /dev/zero > ~/.claude/projects/$i; done; sleep 60",
      "exec 5> gone 6> gone2; rm gone gone2; head -c 15000000 /dev/zero >&5; head -c 15000000 /dev/zero >&6; sleep 60"};
  for (const auto* script : scripts) {
    CAPTURE(std::string(script));
    CHECK(contains(desk.run(script).text, "the limit for one run is 20 MiB"));
  }
}

// The kernel itself kills the program because its control group has no memory left.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::say;

namespace {

namespace fs = std::filesystem;

constexpr long long kRoomForHog = 64LL * 1024 * 1024;

/// A control group of its own that bounds memory, of version 1 or 2. Nothing of it is left behind.
class MemoryGroup {
 public:
  /// Nothing where this test may make none; then the reason is in `why`.
  static std::optional<fs::path> make(std::string& why) {
    const auto name = "frontdesk-test-" + std::to_string(::getpid());
    for (const auto* top : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup"}) {
      const auto group = fs::path(top) / name;
      std::error_code ec;
      if (!fs::create_directory(group, ec)) {
        why = group.string() + ": " + ec.message();
      } else if (fs::exists(group / "memory.limit_in_bytes") || fs::exists(group / "memory.max")) {
        return group;
      } else {
        ::rmdir(group.c_str());
        why = group.string() + " cannot bound memory";
      }
    }
    return std::nullopt;
  }

  explicit MemoryGroup(fs::path group) : group_(std::move(group)) {
    std::ifstream own("/proc/self/cgroup");
    for (std::string line; std::getline(own, line);) {
      if (is_version_1() ? contains(line, ":memory:") : line.starts_with("0::")) {
        home_ = group_.parent_path() / fs::path(line.substr(line.rfind(':') + 1)).relative_path();
      }
    }
  }
  ~MemoryGroup() {
    support::wait_until([&] { return ::rmdir(group_.c_str()) == 0; }, std::chrono::seconds(10));
  }
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  /// What this process starts until leave() is in it from its first instruction on.
  void enter() const { put(group_ / "cgroup.procs", std::to_string(::getpid())); }
  void leave() const { put(home_ / "cgroup.procs", std::to_string(::getpid())); }

  /// So much more than what is used now, or no bound.
  void bound(std::optional<long long> room) const {
    const auto none = is_version_1() ? "-1" : "max";
    put(group_ / (is_version_1() ? "memory.limit_in_bytes" : "memory.max"),
        room ? std::to_string(used() + *room) : none);
  }
  /// Lets another process of it take memory until the kernel kills one for it.
  void exhaust() const {
    const auto script = "echo $$ > " + (group_ / "cgroup.procs").string() + " && exec tail /dev/zero";
    const char* argv[] = {"/bin/sh", "-c", script.c_str(), nullptr};
    char* environment[] = {nullptr};
    pid_t hog = -1;
    REQUIRE(::posix_spawn(&hog, argv[0], nullptr, nullptr, const_cast<char**>(argv), environment) == 0);
    ::waitpid(hog, nullptr, 0);  // which it is, too, in the end
  }

 private:
  bool is_version_1() const { return group_.parent_path().filename() == "memory"; }
  long long used() const {
    long long bytes = 0;
    std::ifstream(group_ / (is_version_1() ? "memory.usage_in_bytes" : "memory.current")) >> bytes;
    return bytes;
  }
  static void put(const fs::path& file, const std::string& text) {
    std::ofstream out(file);
    out << text << std::flush;
    CHECK_MESSAGE(out.good(), file.string());
  }

  fs::path group_;
  fs::path home_;
};

}  // namespace

TEST_CASE("a message at which the kernel kills the program three times for want of memory is given up" *
          doctest::timeout(120)) {
  std::string why;
  const auto made = MemoryGroup::make(why);
  if (!made) {
    MESSAGE("skipped, because this test may make no control group: ", why);
    return;
  }
  const MemoryGroup group(*made);
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("hungry", {hold(say("Fed."))});
  std::string asked;
  for (std::size_t death = 1; death <= 3; ++death) {
    group.bound(std::nullopt);
    group.enter();
    desk.launch();
    group.leave();
    desk.use_port(desk.program->wait_for_port());
    if (death == 1) {
      asked = desk.say({"a hungry question"});
    }
    REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, death));
    support::write_text("/proc/" + std::to_string(desk.program->pid()) + "/oom_score_adj", "1000");
    group.bound(kRoomForHog);
    group.exhaust();
    CHECK(desk.program->wait(support::kPatience) == std::optional(128 + SIGKILL));
    CHECK(desk.query("SELECT count(*) FROM crashes") == std::to_string(death - 1));
  }
  group.bound(std::nullopt);
  group.enter();
  desk.launch();
  group.leave();
  desk.use_port(desk.program->wait_for_port());
  CHECK(contains(desk.answer_to(asked).text, "I gave this up: the program crashed each time"));
  CHECK(desk.query("SELECT group_concat(cause, '; ') FROM crashes") ==
        "out of memory; out of memory; out of memory");
  CHECK(desk.query("SELECT count(*) FROM jobs WHERE kind = 'turn'") == "0");
  desk.stop(SIGTERM);
}

// Under a service manager: what it is told by sd_notify(3), the watchdog, and what SIGHUP says of changed
// keys.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "tests/support/files.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/notify_socket.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::NotifySocket;

namespace {

namespace fs = std::filesystem;

/// The thread of that name of a process.
std::optional<int> thread_of(int pid, const std::string& name) {
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    if (support::read_text(entry.path() / "comm") == name + "\n") {
      return std::stoi(entry.path().filename().string());
    }
  }
  return std::nullopt;
}

/// Holds one thread of another process, as a deadlock would, until the end of the object. Thread rule: one
/// thread.
class HeldThread {
 public:
  explicit HeldThread(int thread) : thread_(thread) {
    held_ = ::ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0 &&
            ::ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0 &&
            ::waitpid(thread_, nullptr, __WALL) == thread_;
  }
  ~HeldThread() { ::ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }
  HeldThread(const HeldThread&) = delete;
  HeldThread& operator=(const HeldThread&) = delete;

  bool held() const { return held_; }

 private:
  const int thread_;
  bool held_ = false;
};

}  // namespace

TEST_CASE("a service manager is told when requests are taken, and when the program ends") {
  Desk desk(Desk::Claude::fake);
  std::string name = (desk.folder() / "notify").string();
  SUBCASE("by a socket with a path") {}
  SUBCASE("by a socket in the abstract namespace") {
    name = "@frontdesk-test-" + desk.folder().filename().string();
  }
  NotifySocket manager(name);
  desk.environment["NOTIFY_SOCKET"] = name;
  desk.start();
  REQUIRE(manager.wait_for("READY=1"));
  CHECK(desk.call("GET", "/readyz").status == 200);
  CHECK(contains(manager.all().front(), "STATUS=taking requests on port " + std::to_string(desk.port())));
  CHECK(manager.count("WATCHDOG=1") == 0);  // nobody asked for it
  CHECK(desk.stop(SIGTERM) == 0);
  REQUIRE(manager.wait_for("STOPPING=1"));
  // shutdown_grace_s is 20 where nothing is set.
  CHECK(contains(manager.all().back(), "EXTEND_TIMEOUT_USEC=46000000\n"));
  CHECK(manager.count("READY=1") == 1);
}

TEST_CASE(
    "a reload is told with the time of its beginning, and its end is told, also where the file is bad") {
  Desk desk(Desk::Claude::fake);
  NotifySocket manager((desk.folder() / "notify").string());
  desk.environment["NOTIFY_SOCKET"] = (desk.folder() / "notify").string();
  desk.start();
  REQUIRE(manager.wait_for("READY=1"));
  for (const char* value : {"0.2", "\"nonsense\""}) {
    const auto before = manager.count("READY=1");
    desk.config.set("routing", "ask_at", value);
    desk.write_config();
    desk.program->signal(SIGHUP);
    REQUIRE(manager.wait_for("READY=1", before + 1));
    const auto told = manager.all();
    const auto& reloading = told[told.size() - 2];
    CHECK(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(std::stoll(reloading.substr(reloading.rfind('=') + 1)) > 0);
  }
  CHECK(contains(desk.program->log(), "the old ones stay in force"));
}

TEST_CASE("the watchdog is fed while every loop moves, and not while one is stuck") {
  Desk desk(Desk::Claude::fake);
  NotifySocket manager((desk.folder() / "notify").string());
  desk.environment["NOTIFY_SOCKET"] = (desk.folder() / "notify").string();
  desk.environment["WATCHDOG_USEC"] = "2000000";
  desk.start();
  REQUIRE(manager.wait_for("WATCHDOG=1", 3));
  const auto loop = thread_of(desk.program->pid(), "http events");
  REQUIRE(loop);
  {
    const HeldThread held(*loop);
    if (!held.held()) {
      MESSAGE("a thread of the program cannot be held here: that takes the right to trace it");
      return;
    }
    // A feeding may be under way; two that are four intervals apart are proof.
    const auto starves = [&] {
      const auto before = manager.count("WATCHDOG=1");
      std::this_thread::sleep_for(std::chrono::milliseconds(2'000));
      return manager.count("WATCHDOG=1") == before;
    };
    CHECK(support::wait_until(starves));
    CHECK(contains(desk.program->log(), "the loop \"http events\" does not move"));
  }
  CHECK(manager.wait_for("WATCHDOG=1", manager.count("WATCHDOG=1") + 2));
}

TEST_CASE("a watchdog that is meant for another process is not fed") {
  Desk desk(Desk::Claude::fake);
  NotifySocket manager((desk.folder() / "notify").string());
  desk.environment["NOTIFY_SOCKET"] = (desk.folder() / "notify").string();
  desk.environment["WATCHDOG_USEC"] = "400000";
  desk.environment["WATCHDOG_PID"] = "1";
  desk.start();
  // Each look at the watchdog that a signal brings would feed it.
  desk.program->signal(SIGHUP);
  REQUIRE(manager.wait_for("READY=1", 2));
  desk.program->signal(SIGHUP);
  REQUIRE(manager.wait_for("READY=1", 3));
  CHECK(manager.count("WATCHDOG=1") == 0);
}

TEST_CASE(
    "SIGHUP names the changed keys that wait for a restart, those of secrets in files among them, until there is one") {
  Desk desk(Desk::Claude::fake);
  const auto secret = desk.folder() / "admin.secret";
  support::write_text(secret, "the-first-password");
  desk.config.set("server", "metrics_token", "\"file:admin.secret\"").set("dispatch", "concurrency", "2");
  desk.start();
  const auto reloads = [&](int times) {
    desk.write_config();
    desk.program->signal(SIGHUP);
    return support::wait_until([&] {
      return support::count_of(desk.program->log(), "were reloaded") == static_cast<std::size_t>(times);
    });
  };
  desk.config.set("routing", "ask_at", "0.2");
  REQUIRE(reloads(1));
  CHECK_FALSE(contains(desk.program->log(), "only after a restart"));
  desk.config.set("dispatch", "concurrency", "3")
      .set("routing", "ask_at", "0.3")
      .set("dispatch", "silence_s", "100");
  support::write_text(secret, "the-second-password");
  REQUIRE(reloads(2));
  CHECK(contains(
      desk.program->log(),
      "changed, but in force only after a restart: dispatch.concurrency, dispatch.silence_s, server.metrics_token"));
  CHECK_FALSE(contains(desk.program->log(), "the-second-password"));
  desk.config.set("dispatch", "concurrency", "2").drop("dispatch", "silence_s");
  REQUIRE(reloads(3));
  CHECK(contains(desk.program->log(), "only after a restart: server.metrics_token\n"));
}

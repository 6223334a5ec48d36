#include "base/fault.h"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait.h"

namespace {

class Fixture {
 public:
  std::filesystem::path file() const { return folder_.path() / "frontdesk.db.fault"; }

  /// Lets a process of its own begin to leave marks and do that; returns its wait status.
  int child(const std::function<void()>& act) const {
    const int pid = ::fork();
    if (pid == 0) {
      const rlimit none{0, 0};
      ::setrlimit(RLIMIT_CORE, &none);
      for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTERM}) {
        ::signal(signal, SIG_DFL);  // those of the test's own frame tell of the death as a failed test
      }
      base::FaultMark mark(file());
      mark.begin();
      const base::FaultThread thread;
      base::FaultThread::works_on(42);
      act();
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return status;
  }

  std::optional<base::Fault> left() const { return base::FaultMark(file()).left(); }
  /// The cause of the mark that is left, and what the thread was at.
  std::string cause_left() const {
    const base::FaultMark mark(file());
    return mark.left() ? mark.left()->cause + " " + std::to_string(mark.left()->work.value_or(-1)) : "";
  }

 private:
  support::TemporaryFolder folder_;
};

int use_stack(int depth) {
  volatile char frame[4096] = {};  // NOLINT(modernize-avoid-c-arrays): it is there to take room
  frame[0] = static_cast<char>(depth);
  return depth == 0 ? 0 : use_stack(depth - 1) + frame[0];
}

[[noreturn]] void throw_something() {
  throw std::runtime_error("nobody catches this");
}

void throw_in_noexcept() noexcept {
  throw_something();
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a signal that the process raised itself leaves a mark, and ends it as it would have") {
  const std::vector<std::pair<int, std::string>> signals = {{SIGSEGV, "SIGSEGV 42"},
                                                            {SIGABRT, "SIGABRT 42"},
                                                            {SIGBUS, "SIGBUS 42"},
                                                            {SIGFPE, "SIGFPE 42"},
                                                            {SIGILL, "SIGILL 42"}};
  for (const auto& each : signals) {
    const int signal = each.first;
    const auto& name = each.second;
    CAPTURE(name);
    const int status = child([signal] { ::raise(signal); });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(cause_left() == name);
  }
}

TEST_CASE_FIXTURE(Fixture, "a fault of an instruction leaves a mark that names the process and the time") {
  const auto before = base::SystemClock().now();
  const int status = child([] {
    volatile int* nowhere = nullptr;
    *nowhere = 1;  // NOLINT(clang-analyzer-core.NullDereference): this is what is tested
  });
  CHECK(status != 0);
  const auto fault = left();
  REQUIRE(fault);
  CHECK(fault->pid > 0);
  CHECK(fault->at >= before);
  CHECK(fault->at <= base::SystemClock().now());
}

TEST_CASE_FIXTURE(Fixture, "a stack that is used up leaves a mark, from a stack of its own") {
  CHECK(child([] { use_stack(100'000); }) != 0);
  CHECK(cause_left() == "SIGSEGV 42");
}

TEST_CASE_FIXTURE(Fixture, "an uncaught exception leaves a mark that says so") {
  const int status = child([] { throw_in_noexcept(); });
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(cause_left() == "an uncaught exception 42");
}

TEST_CASE_FIXTURE(Fixture, "a signal that another process sent leaves no mark, whichever it is") {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGKILL, SIGTERM}) {
    CAPTURE(signal);
    const int status = child([signal] {
      if (::fork() == 0) {
        ::kill(::getppid(), signal);
        ::_exit(0);
      }
      ::pause();
    });
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK_FALSE(left());
  }
}

TEST_CASE_FIXTURE(Fixture, "the watchdog's SIGABRT leaves a mark that blames no thread, another's does not") {
  const auto abort_from_parent = [&](bool watched) {
    const int pid = ::fork();
    if (pid == 0) {
      watched ? ::setenv("WATCHDOG_USEC", "1000000", 1) : ::unsetenv("WATCHDOG_USEC");
      ::signal(SIGABRT, SIG_DFL);
      base::FaultMark mark(file());
      mark.begin();
      support::write_text(file().string() + ".ready", "x");
      ::pause();
    }
    REQUIRE(support::wait_until([&] { return std::filesystem::exists(file().string() + ".ready"); }));
    std::filesystem::remove(file().string() + ".ready");
    ::kill(pid, SIGABRT);
    int status = 0;
    ::waitpid(pid, &status, 0);
    CHECK(WTERMSIG(status) == SIGABRT);
  };
  abort_from_parent(false);
  CHECK_FALSE(left());
  abort_from_parent(true);
  CHECK(cause_left() == "the watchdog -1");
}

TEST_CASE_FIXTURE(Fixture, "a child between fork and exec leaves no mark") {
  CHECK(child([] {
          if (::fork() == 0) {
            ::abort();
          }
          int status = 0;
          ::wait(&status);
        }) == 0);
  CHECK_FALSE(left());
}

TEST_CASE_FIXTURE(Fixture, "a mark is read once, and a clean end leaves none") {
  child([] { std::abort(); });
  {
    base::FaultMark mark(file());
    REQUIRE(mark.left());
    mark.begin();
    CHECK_FALSE(mark.left());
    CHECK(support::read_text(file()).find("fault") == std::string::npos);
  }
  CHECK(support::read_text(file()).empty());
  CHECK_FALSE(left());
}

TEST_CASE("kills for want of memory are counted in the process's own control group") {
  const support::TemporaryFolder root;
  const auto group = root.path() / "sys/fs/cgroup/user.slice/bot";
  std::filesystem::create_directories(root.path() / "proc/self");
  std::filesystem::create_directories(group);
  support::write_text(root.path() / "proc/self/cgroup", "0::/user.slice/bot\n");
  CHECK_FALSE(base::memory_kills(root.path()));
  support::write_text(group / "memory.events", "low 0\nhigh 3\nmax 7\noom 2\noom_kill 1\n");
  const auto before = base::memory_kills(root.path());
  REQUIRE(before);
  CHECK_FALSE(base::rose(*before, *base::memory_kills(root.path())));
  support::write_text(group / "memory.events", "low 0\nhigh 3\nmax 9\noom 4\noom_kill 2\n");
  CHECK(base::rose(*before, *base::memory_kills(root.path())));
  CHECK_FALSE(base::rose("", *base::memory_kills(root.path())));
  std::filesystem::rename(group, root.path() / "sys/fs/cgroup/user.slice/old");
  std::filesystem::create_directories(group);
  support::write_text(group / "memory.events", "oom_kill 5\n");
  CHECK_FALSE(base::rose(*before, *base::memory_kills(root.path())));  // a group made anew
}

TEST_CASE("kills for want of memory are counted in a control group of version 1, too") {
  const support::TemporaryFolder root;
  const auto group = root.path() / "sys/fs/cgroup/memory/bots/one";
  std::filesystem::create_directories(root.path() / "proc/self");
  std::filesystem::create_directories(group);
  support::write_text(root.path() / "proc/self/cgroup",
                      "5:devices:/\n4:cpu,memory:/bots/one\n1:name=systemd:/\n0::/\n");
  CHECK_FALSE(base::memory_kills(root.path()));
  support::write_text(group / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  const auto before = base::memory_kills(root.path());
  REQUIRE(before);
  support::write_text(group / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
  CHECK(base::rose(*before, *base::memory_kills(root.path())));
}

#include "base/process/child_process.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait.h"

namespace {

using base::ChildProcess;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using Next = base::ChildProcess::Next;

struct Fixture {
  Fixture() { ::signal(SIGPIPE, SIG_IGN); }  // as the program's main does

  support::TemporaryFolder folder;
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "A=1"};

  ChildProcess::Spec spec(const std::string& script) const {
    return {{"/bin/sh", "-c", script}, environment, folder.path()};
  }
  /// What the script writes, line by line, once it has ended.
  std::vector<std::string> run(const std::string& script) {
    ChildProcess child(spec(script), {});
    child.close_input();
    return rest(child);
  }
  std::vector<std::string> rest(ChildProcess& child) {
    std::vector<std::string> lines;
    std::string line;
    auto next = Next::line;
    while ((next = child.next(line, steady_clock::now() + support::kPatience)) == Next::line) {
      lines.push_back(line);
    }
    CHECK(next == Next::ended);
    status = next == Next::ended ? child.exit_status() : -2;
    errors = child.error_output();
    return lines;
  }
  static std::string first_line(ChildProcess& child) {
    std::string line;
    REQUIRE(child.next(line, steady_clock::now() + support::kPatience) == Next::line);
    return line;
  }
  int status = -2;
  std::string errors;
};
using Lines = std::vector<std::string>;

// The sanitizers keep freed memory, so there is nothing to measure.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// A zombie counts as gone: it only waits for somebody to read its status.
bool is_gone(const std::string& pid) {
  const auto stat = base::read_file_if_exists("/proc/" + pid + "/stat").value_or("");
  const auto name_end = stat.rfind(')');
  return stat.empty() || (name_end != std::string::npos && stat.substr(name_end + 2, 1) == "Z");
}

bool goes(const std::string& pid) {
  return support::wait_until([&] { return is_gone(pid); });
}

TEST_SUITE("threaded: a child process") {
  TEST_CASE_FIXTURE(Fixture, "gives its output line by line, the last one also without a newline") {
    CHECK(run("echo one; echo; printf 'two\\nthree'") == Lines{"one", "", "two", "three"});
    CHECK(status == 0);
    CHECK(run("exit 0").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "tells the exit status, or 128 and the signal") {
    run("exit 7");
    CHECK(status == 7);
    run("kill -9 $$");
    CHECK(status == 137);
    run("kill -15 $$");
    CHECK(status == 143);
  }

  TEST_CASE_FIXTURE(Fixture, "keeps its error output apart, and the end of it where it is long") {
    CHECK(run("echo out; echo problem >&2") == Lines{"out"});
    CHECK(errors == "problem\n");
    run("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo THE END >&2");
    CHECK(errors.size() <= 128 * 1024);
    CHECK(errors.size() >= 64 * 1024);
    CHECK(errors.ends_with("THE END\n"));
  }

  TEST_CASE_FIXTURE(Fixture, "that cannot be started ends with 127 and a sentence") {
    for (const char* command : {"no-such-command-anywhere", "/no/such/command", "/etc/passwd"}) {
      CAPTURE(std::string(command));
      ChildProcess child({{command}, environment, folder.path()}, {});
      CHECK(rest(child).empty());
      CHECK(status == 127);
      CHECK(errors.find("cannot start") != std::string::npos);
      CHECK(errors.find(command) != std::string::npos);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "is looked up in the path of its own environment") {
    const auto tool = folder.write("bin/my-tool", "#!/bin/sh\necho found \"$1\"\n");
    std::filesystem::permissions(tool, std::filesystem::perms::owner_all);
    ChildProcess child(
        {{"my-tool", "a b"}, {"PATH=/usr/bin:" + (folder.path() / "bin").string()}, folder.path()}, {});
    CHECK(rest(child) == Lines{"found a b"});
  }

  TEST_CASE_FIXTURE(Fixture, "has exactly the environment that it was given") {
    support::Environment ours;
    ours.set("FRONTDESK_TEST_CANARY", "must-not-leak");
    ChildProcess child({{"/usr/bin/env"}, {"PATH=/usr/bin:/bin", "A=1", "B=x y=z"}, folder.path()}, {});
    auto lines = rest(child);
    std::sort(lines.begin(), lines.end());
    CHECK(lines == Lines{"A=1", "B=x y=z", "PATH=/usr/bin:/bin"});
    ChildProcess bare({{"/usr/bin/env"}, {}, folder.path()}, {});
    CHECK(rest(bare).empty());
  }

  TEST_CASE_FIXTURE(Fixture, "works in its folder") {
    CHECK(run("pwd -P") == Lines{folder.path().string()});
  }

  TEST_CASE_FIXTURE(Fixture, "has no open descriptors but its three") {
    const base::Fd ours(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC on purpose
    auto with_lock = spec("ls /proc/self/fd");
    const auto lock = base::FileLock::try_acquire(folder.path() / "lock", "the test");
    REQUIRE(lock);
    with_lock.lock_fd = lock->fd();
    ChildProcess child(with_lock, {});
    // The fourth is the folder that ls reads.
    CHECK(rest(child) == Lines{"0", "1", "2", "3"});
    CHECK(run("[ -e /proc/self/fd/3 ] && echo open; true").empty());
  }

  TEST_CASE_FIXTURE(Fixture, "does not let what it runs open its input and output, unless they are pipes") {
    // A child of the command, which is a session of its own, and has descriptors of its own.
    auto opens = spec(
        "me=$$; setsid sh -c 'exec 2>/dev/null; for n in 0 1 2; do"
        " (: </proc/$1/fd/$n) && echo read-$n; (: >>/proc/$1/fd/$n) && echo write-$n; done; :' x $me </dev/null |"
        " cat; read line; echo \"got $line\"");
    const auto outcome = [&] {
      ChildProcess child(opens, {});
      child.write("it\n");
      return rest(child);
    };
    CHECK(outcome() == Lines{"got it"});
    opens.stdio = ChildProcess::Stdio::pipes;
    const auto with_pipes = outcome();
    CHECK(with_pipes.back() == "got it");
    CHECK(with_pipes.size() > 1);
  }

  TEST_CASE_FIXTURE(Fixture, "does not let a process of the same user look into its supervisor") {
    if (::geteuid() == 0) {
      return;  // root may
    }
    CHECK(run("ls /proc/$PPID/fd 2>&1 >/dev/null | grep -c denied") == Lines{"1"});
  }

  TEST_CASE_FIXTURE(Fixture, "has no signal blocked and none ignored") {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto lines = run("grep -E 'SigBlk|SigIgn' /proc/self/status | tr -d '\\t'");
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "SigBlk:0000000000000000");
    // glibc's posix_spawn leaves its own two, 32 and 33, ignored.
    CHECK((std::stoull(lines[1].substr(7), nullptr, 16) & ~0x180000000ULL) == 0);
  }

  TEST_CASE_FIXTURE(Fixture, "keeps the lock until the last process of its tree is gone") {
    auto locked = spec("echo ready; read line");
    auto lock = base::FileLock::try_acquire(folder.path() / "lock", "the test");
    REQUIRE(lock);
    locked.lock_fd = lock->fd();
    ChildProcess child(locked, {});
    CHECK(first_line(child) == "ready");
    lock.reset();
    CHECK_FALSE(base::FileLock::try_acquire(folder.path() / "lock", "another"));
    child.close_input();
    rest(child);
    CHECK(base::FileLock::try_acquire(folder.path() / "lock", "another"));
  }

  TEST_CASE_FIXTURE(Fixture,
                    "that exits takes along a grandchild in a session of its own that keeps the pipe") {
    const auto begin = steady_clock::now();
    const auto lines = run("setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.3; exit 3");
    REQUIRE(lines.size() == 1);
    CHECK(status == 3);
    CHECK(goes(lines[0]));
    CHECK(steady_clock::now() - begin < seconds(30));
  }

  TEST_CASE_FIXTURE(Fixture, "that is killed takes along grandchildren in sessions of their own") {
    ChildProcess child(spec("setsid sh -c 'echo $$; setsid sh -c \"echo \\$\\$; exec sleep 1000\" & sleep "
                            "1000' & sleep 1000"),
                       {});
    const auto first = first_line(child);
    const auto second = first_line(child);
    CHECK_FALSE(is_gone(first));
    CHECK_FALSE(is_gone(second));
    const auto begin = steady_clock::now();
    child.kill();
    std::string line;
    CHECK(child.next(line, begin + support::kPatience) == Next::ended);
    CHECK(child.exit_status() == 137);
    CHECK(goes(first));
    CHECK(goes(second));
  }

  TEST_CASE_FIXTURE(Fixture, "whose supervisor is killed takes all along that it had started, and no other") {
    const auto endless = "setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000";
    ChildProcess other(spec(endless), {});
    const auto others = first_line(other);
    ChildProcess child(spec(endless), {});  // what is left keeps its output open
    const auto left = first_line(child);
    ::kill(child.supervisor(), SIGKILL);
    CHECK(rest(child).empty());
    CHECK(status == 137);
    CHECK(is_gone(left));
    CHECK_FALSE(is_gone(others));
    other.kill();
    rest(other);
    CHECK(is_gone(others));
  }

  TEST_CASE_FIXTURE(Fixture, "whose supervisor is killed while it ends the tree leaves nothing of it") {
    std::string left;
    {
      ChildProcess child(spec("setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000"), {});
      left = first_line(child);
      ::kill(child.supervisor(), SIGSTOP);
      child.kill();  // the destructor loses its patience with the supervisor
    }
    CHECK(is_gone(left));
  }

  TEST_CASE_FIXTURE(Fixture, "that is destroyed takes its tree along, soon") {
    std::string pid;
    const auto begin = steady_clock::now();
    {
      ChildProcess child(spec("setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000"), {});
      pid = first_line(child);
    }
    CHECK(steady_clock::now() - begin < seconds(4));
    CHECK(goes(pid));
  }

  TEST_CASE_FIXTURE(Fixture, "that is destroyed with unread lines is gone soon, too") {
    std::optional<ChildProcess> child;
    child.emplace(spec("echo a; echo b; echo c; sleep 1000"), std::stop_token());
    CHECK(first_line(*child) == "a");
    const auto begin = steady_clock::now();
    child.reset();
    CHECK(steady_clock::now() - begin < seconds(4));
  }

  TEST_CASE_FIXTURE(Fixture, "reports a timeout and goes on") {
    ChildProcess child(spec("read line; echo \"got $line\""), {});
    std::string line;
    CHECK(child.next(line, steady_clock::now() + milliseconds(50)) == Next::timeout);
    CHECK(child.next(line, steady_clock::now() - seconds(1)) == Next::timeout);
    child.write("it\n");
    CHECK(rest(child) == Lines{"got it"});
  }

  TEST_CASE_FIXTURE(Fixture, "reports a request to stop once, whenever it came") {
    std::stop_source source;
    ChildProcess child(spec("read line; echo \"got $line\""), source.get_token());
    std::string line;
    std::jthread other([&] { source.request_stop(); });
    CHECK(child.next(line, steady_clock::now() + support::kPatience) == Next::stopped);
    CHECK(child.next(line, steady_clock::now() + milliseconds(50)) == Next::timeout);
    child.write("it\n");
    CHECK(rest(child) == Lines{"got it"});
    ChildProcess late(spec("read line"), source.get_token());
    CHECK(late.next(line, steady_clock::now() + support::kPatience) == Next::stopped);
    late.kill();
    CHECK(late.next(line, steady_clock::now() + support::kPatience) == Next::ended);
  }

  TEST_CASE_FIXTURE(Fixture, "reads three megabytes of input and then its end") {
    ChildProcess child(spec("wc -c"), {});
    for (int i = 0; i < 3; ++i) {
      child.write(std::string(1'000'000, 'x'));
    }
    child.close_input();
    const auto lines = rest(child);
    REQUIRE(lines.size() == 1);
    CHECK(std::stoi(lines[0]) == 3'000'000);
  }

  TEST_CASE_FIXTURE(Fixture, "that does not read its input ends all the same") {
    ChildProcess child(spec("exec <&-; echo closed; exit 5"), {});
    child.write(std::string(3'000'000, 'x'));
    CHECK(rest(child) == Lines{"closed"});
    CHECK(status == 5);
    child.write("more");
    child.close_input();
  }

  TEST_CASE_FIXTURE(Fixture, "that floods its output meets back-pressure, not our memory") {
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    constexpr std::size_t kLines = kSanitized ? 200'000 : 2'000'000;  // of 50 bytes
    ChildProcess child(spec(fmt::format("yes {:049} | head -n {}", 0, kLines)), {});
    std::size_t bytes = 0;
    std::string line;
    while (child.next(line, steady_clock::now() + support::kPatience) == Next::line) {
      bytes += line.size() + 1;
    }
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    CHECK(bytes == kLines * 50);
    if constexpr (!kSanitized) {
      CHECK(after.ru_maxrss - before.ru_maxrss < 64 * 1024);  // in KiB
    }
  }

  TEST_CASE_FIXTURE(Fixture, "gives a line that is longer than the limit cut, and the next one whole") {
    const auto lines = run("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo next");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].size() == ChildProcess::max_line_bytes);
    CHECK(lines[1] == "next");
  }

  TEST_CASE_FIXTURE(Fixture, "does not outlive us, however we end") {
    const auto note = folder.path() / "pid";
    const pid_t bot = ::fork();
    if (bot == 0) {
      ChildProcess child(
          spec("setsid sh -c 'echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 1000' & sleep 1000"), {});
      std::string line;
      child.next(line, steady_clock::now() + seconds(300));
      ::_exit(1);
    }
    const bool began = support::wait_until([&] { return std::filesystem::exists(note); });
    ::kill(bot, SIGKILL);
    ::waitpid(bot, nullptr, 0);
    REQUIRE(began);
    std::string pid;
    std::ifstream(note) >> pid;
    REQUIRE_FALSE(pid.empty());
    CHECK(goes(pid));
  }

  TEST_CASE_FIXTURE(Fixture, "is independent of others that run in other threads") {
    std::vector<std::jthread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 5; ++round) {
          ChildProcess child(spec("echo " + std::to_string(i) + "; exit " + std::to_string(i)), {});
          std::string line;
          const bool said = child.next(line, steady_clock::now() + support::kPatience) == Next::line;
          std::string rest_of_it;
          const bool ended = child.next(rest_of_it, steady_clock::now() + support::kPatience) == Next::ended;
          right += said && ended && line == std::to_string(i) && child.exit_status() == i ? 1 : 0;
        }
      });
    }
    threads.clear();
    CHECK(right == 20);
  }
}

}  // namespace

#include "base/process/own_children.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <vector>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace base {
namespace {

/// Held while a child is started or reaped, so that its id is here exactly as long as it is a child's.
std::mutex& mutex() {
  static std::mutex instance;
  return instance;
}

std::set<pid_t>& own() {
  static std::set<pid_t> instance;
  return instance;
}

/// Each thread has a list of its own; what is adopted comes into any of them.
std::vector<pid_t> children() {
  std::vector<pid_t> all;
  std::error_code gone;  // a thread may end meanwhile
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", gone)) {
    std::ifstream file(thread.path() / "children");
    for (pid_t pid = 0; file >> pid;) {
      all.push_back(pid);
    }
  }
  return all;
}

std::vector<pid_t> kill_adopted() {
  const std::lock_guard lock(mutex());
  auto adopted = children();
  std::erase_if(adopted, [](pid_t pid) { return own().contains(pid); });
  for (const auto pid : adopted) {
    ::kill(pid, SIGKILL);
  }
  return adopted;
}

int wait_for(pid_t child, siginfo_t& info, int options) {
  int result = -1;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(child), &info, options);
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

pid_t start_own_child(const std::function<pid_t()>& start) {
  const std::lock_guard lock(mutex());
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto pid = start();
  own().insert(pid);
  return pid;
}

bool own_child_was_killed(pid_t child) {
  siginfo_t info{};
  return wait_for(child, info, WEXITED | WNOWAIT) == 0 &&
         (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED);
}

void reap_own_child(pid_t child, const std::function<void()>& reap) {
  siginfo_t info{};
  wait_for(child, info, WEXITED | WNOWAIT);  // without the lock, for it may take a while
  const std::lock_guard lock(mutex());
  reap();
  own().erase(child);
}

void end_adopted_children() {
  for (auto adopted = kill_adopted(); !adopted.empty(); adopted = kill_adopted()) {
    // For these alone: what they hand to us while we wait is alive, and killed in the next round.
    for (const auto pid : adopted) {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }
}

}  // namespace base

#include "base/process/supervisor.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace base {
namespace {

std::vector<pid_t> children_of_self() {
  std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::vector<pid_t> children;
  for (pid_t pid = 0; file >> pid;) {
    children.push_back(pid);
  }
  return children;
}

/// Closes every descriptor but the standard three and these two: a library of the bot may have opened one
/// that outlives an exec.
void keep_only(int lifeline, int lock) {
  std::vector<int> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    open.push_back(std::atoi(entry.path().filename().c_str()));
  }
  for (const int fd : open) {
    if (fd > STDERR_FILENO && fd != lifeline && fd != lock) {
      ::close(fd);
    }
  }
}

/// Kills children until there are none: each killed child hands its own children to us.
void end_tree() {
  for (auto children = children_of_self(); !children.empty(); children = children_of_self()) {
    for (const auto pid : children) {
      ::kill(pid, SIGKILL);
    }
    // For these alone: what they hand to us while we wait is alive, and killed in the next round.
    for (const auto pid : children) {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void limit_files(const char* bytes) {
  if (const auto most = std::strtoull(bytes, nullptr, 10); most > 0) {
    const rlimit limit{most, most};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
}

[[noreturn]] void become_command(char** argv) {
  // Should the supervisor itself be killed, the command goes with it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The bot waits for its signals with a mask, which is not meant for the command.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvp(argv[0], argv);
  const std::string text = std::string("cannot start ") + argv[0] + ": " + std::strerror(errno) + "\n";
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(kCannotStart);
}

}  // namespace

void close_to_others() {
#ifndef __SANITIZE_ADDRESS__  // whose leak check traces the process
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

int supervisor_main(int argc, char** argv) {
  if (argc < 6) {
    std::cerr << "usage: supervise LIFELINE LOCK FSIZE COMMAND ARG…\n";
    return 2;
  }
  const int lifeline = std::atoi(argv[2]);
  const int lock = std::strcmp(argv[3], "-") == 0 ? -1 : std::atoi(argv[3]);
  keep_only(lifeline, lock);
  ::fcntl(lifeline, F_SETFD, FD_CLOEXEC);
  if (lock >= 0) {
    ::fcntl(lock, F_SETFD, FD_CLOEXEC);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  close_to_others();

  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&mask, signal);
  }
  ::sigprocmask(SIG_BLOCK, &mask, nullptr);
  const int signals = ::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);

  const pid_t command = ::fork();
  if (command < 0) {
    std::cerr << "cannot fork: " << std::strerror(errno) << "\n";
    return kCannotStart;
  }
  if (command == 0) {
    limit_files(argv[4]);
    become_command(argv + 5);
  }
  // The command's end of file must come from us alone.
  ::close(STDIN_FILENO);

  while (true) {
    pollfd polled[] = {{signals, POLLIN, 0}, {lifeline, POLLIN, 0}};
    if (::poll(polled, 2, -1) < 0 && errno != EINTR) {
      end_tree();
      return kCannotStart;
    }
    bool end = (polled[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    signalfd_siginfo info{};
    while (::read(signals, &info, sizeof info) == sizeof info) {
      end = end || info.ssi_signo != SIGCHLD;
    }
    if (end) {
      end_tree();
      return 128 + SIGKILL;
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (pid == command) {
        end_tree();
        return exit_status(status);
      }
    }
  }
}

}  // namespace base

#include "tests/support/program/spawn.h"

#include <stdexcept>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace support {
namespace {

std::vector<char*> pointers(std::vector<std::string>& lines) {
  std::vector<char*> made;
  for (auto& line : lines) {
    made.push_back(line.data());
  }
  made.push_back(nullptr);
  return made;
}

void become(int from, int to) {
  if (from >= 0) {
    ::dup2(from, to);
  }
}

}  // namespace

int spawn(Spawn what) {
  auto arguments = pointers(what.argv);
  auto variables = pointers(what.environment);
  const auto parent = ::getpid();
  const int pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == parent && ::chdir(what.folder.c_str()) == 0) {
      become(what.input, STDIN_FILENO);
      become(what.output, STDOUT_FILENO);
      become(what.errors, STDERR_FILENO);
      ::execve(arguments[0], arguments.data(), variables.data());
    }
    ::_exit(127);
  }
  if (pid < 0) {
    throw std::runtime_error("no process can be started for " + what.argv.front());
  }
  return pid;
}

}  // namespace support

#include "tests/support/program/program.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/support/files.h"
#include "tests/support/program/spawn.h"
#include "tests/support/wait.h"

namespace support {
namespace {

namespace fs = std::filesystem;

base::Fd open_for_output(const fs::path& path) {
  return base::Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

}  // namespace

std::string program_path(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr || *path == '\0') {
    throw std::runtime_error(std::string(variable) + " is not set; it names the program to test");
  }
  if (::access(path, X_OK) != 0) {
    throw std::runtime_error(std::string(variable) + " names " + path + ", which is no program");
  }
  return path;
}

Program::Program(std::vector<std::string> argv, const fs::path& folder, const Environment& environment) {
  static std::atomic<int> count = 0;
  const auto name = "run-" + std::to_string(++count);
  output_ = folder / (name + ".out");
  log_ = folder / (name + ".log");
  Environment all = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", folder.string()}, {"TZ", "UTC"}};
  for (const auto& [key, value] : environment) {
    all[key] = value;
  }
  std::vector<std::string> lines;
  for (const auto& [key, value] : all) {
    lines.push_back(key + "=" + value);
  }
  const base::Fd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto output = open_for_output(output_);
  const auto log = open_for_output(log_);
  pid_ = spawn({std::move(argv), std::move(lines), folder.string(), input.get(), output.get(), log.get()});
}

Program::~Program() {
  signal(SIGKILL);
  wait(kPatience);
  show_report();
}

/// What a sanitizer found in the program is a result of the test, too, which may have seen no more than a
/// connection that ended.
void Program::show_report() const {
  const auto text = read_text(log_);
  const auto begin = std::min(text.find("Sanitizer"), text.find("runtime error:"));
  if (begin != std::string::npos) {
    std::cerr << text.substr(text.rfind('\n', begin) + 1) << std::endl;
  }
}

void Program::signal(int number) const {
  if (!status_) {
    ::kill(pid_, number);
  }
}

std::optional<int> Program::wait(std::chrono::milliseconds patience) {
  wait_until(
      [&] {
        int status = 0;
        if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
          status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        return status_.has_value();
      },
      patience);
  return status_;
}

std::string Program::output() const {
  return read_text(output_);
}

std::string Program::log() const {
  return read_text(log_);
}

int Program::wait_for_port(std::chrono::milliseconds patience) {
  int port = 0;
  wait_until(
      [&] {
        const auto text = log();
        const std::string mark = "listening on http://127.0.0.1:";
        if (const auto at = text.find(mark);
            at != std::string::npos && text.find('\n', at) != std::string::npos) {
          port = std::atoi(text.c_str() + at + mark.size());
          return true;
        }
        return wait(std::chrono::milliseconds(0)).has_value();
      },
      patience);
  return port;
}

Finished run_frontdesk(std::vector<std::string> arguments, const fs::path& folder,
                       const Program::Environment& environment) {
  arguments.insert(arguments.begin(), program_path("FRONTDESK_BIN"));
  Program program(std::move(arguments), folder, environment);
  const auto status = program.wait(kPatience);
  return {status.value_or(-1), program.output(), program.log()};
}

std::vector<int> processes_with(const std::string& entry) {
  std::vector<int> found;
  std::error_code ec;
  for (const auto& process : fs::directory_iterator("/proc", ec)) {
    const int pid = std::atoi(process.path().filename().c_str());
    if (pid <= 0) {
      continue;
    }
    // A zombie's environment is empty, so it is not found.
    const auto environment = '\0' + read_text(process.path() / "environ");
    if (environment.find('\0' + entry + '\0') != std::string::npos) {
      found.push_back(pid);
    }
  }
  return found;
}

}  // namespace support

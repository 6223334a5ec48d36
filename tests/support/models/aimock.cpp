#include "tests/support/models/aimock.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/checkout.h"
#include "tests/support/program/spawn.h"

namespace support {
namespace {

constexpr std::chrono::seconds kStartDeadline{20};
constexpr std::string_view kReady = "listening on ";

std::string program() {
  const char* folder = std::getenv("FRONTDESK_NPM_BIN");
  if (folder == nullptr || *folder == '\0') {
    throw std::runtime_error(
        "FRONTDESK_NPM_BIN is not set; it names the folder of the npm programs (node_modules/.bin)");
  }
  const auto path = std::string(folder) + "/llmock";
  if (::access(path.c_str(), X_OK) != 0) {
    throw std::runtime_error(
        "there is no program " + path +
        "; install the npm package @copilotkit/aimock 1.43.0 and let FRONTDESK_NPM_BIN name "
        "its node_modules/.bin");
  }
  return path;
}

/// The environment of this program with `more` in front, so that it wins.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : more) {
    lines.push_back(name + "=" + value);
  }
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string_view text(*line);
    if (more.find(std::string(text.substr(0, text.find('=')))) == more.end()) {
      lines.emplace_back(text);
    }
  }
  return lines;
}

/// The address that the emulator prints once it listens.
std::string read_address(int fd) {
  const auto until = std::chrono::steady_clock::now() + kStartDeadline;
  std::string printed;
  while (true) {
    if (const auto at = printed.find(kReady); at != std::string::npos) {
      const auto begin = at + kReady.size();
      if (const auto end = printed.find_first_of(" \r\n", begin); end != std::string::npos) {
        return printed.substr(begin, end - begin);
      }
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd readable{fd, POLLIN, 0};
    char buffer[4096];
    ssize_t size = -1;
    if (left.count() > 0 && ::poll(&readable, 1, static_cast<int>(left.count())) > 0) {
      size = ::read(fd, buffer, sizeof buffer);
    }
    if (size <= 0) {
      throw std::runtime_error("the emulator llmock does not listen; it printed: " + printed);
    }
    printed.append(buffer, static_cast<std::size_t>(size));
  }
}

}  // namespace

Aimock::Aimock(const std::string& fixtures, const std::map<std::string, std::string>& environment) {
  std::vector<std::string> arguments = {program(), "--port", "0", "--fixtures",
                                        support::source_dir() + "/tests/fixtures/" + fixtures};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe for the emulator llmock");
  }
  output_ = base::Fd(ends[0]);
  base::Fd input(ends[1]);
  pid_ = spawn({std::move(arguments), environment_with(environment), ".", -1, input.get(), input.get()});
  input.reset();
  try {
    url_ = read_address(output_.get());
  } catch (...) {
    end();
    throw;
  }
  // What it prints about each request has to go somewhere, or its pipe fills up.
  drain_ = std::thread([fd = output_.get()] {
    char buffer[4096];
    while (::read(fd, buffer, sizeof buffer) > 0) {
    }
  });
}

Aimock::~Aimock() {
  end();
  drain_.join();
}

void Aimock::end() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace support

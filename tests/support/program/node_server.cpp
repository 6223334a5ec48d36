#include "tests/support/program/node_server.h"

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "base/process/child_environment.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/wait.h"

namespace support {
namespace {

base::ChildProcess::Spec spec_of(const std::string& script, std::vector<std::string> arguments) {
  const auto path = std::filesystem::path(source_dir()) / "tests/fakes" / script;
  std::vector<std::string> argv = {"node", path.string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return {.argv = std::move(argv),
          .environment = base::child_environment(false),
          .directory = std::filesystem::temp_directory_path()};
}

}  // namespace

NodeServer::NodeServer(const std::string& script, std::vector<std::string> arguments)
    : child_(spec_of(script, std::move(arguments)), {}) {
  const std::string ready = "listening on ";
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::string line;
  while (child_.next(line, until) == base::ChildProcess::Next::line) {
    if (line.starts_with(ready)) {
      url_ = line.substr(ready.size());
      return;
    }
  }
  throw std::runtime_error(script + " does not listen: " + child_.error_output());
}

std::string node_modules() {
  return std::filesystem::path(Environment::get("FRONTDESK_NPM_BIN")).parent_path().string();
}

}  // namespace support

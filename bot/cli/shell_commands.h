#pragma once

#include <functional>
#include <vector>

namespace CLI {
class App;
}

namespace bot::cli {

/// A command of the program and what it does once its options are parsed; it returns the exit status.
struct ShellCommand {
  const CLI::App* parsed;
  std::function<int()> run;
};

/// Adds run, resume, review, status, list and search, which are also all that `dispatch-cc` knows.
std::vector<ShellCommand> add_shell_commands(CLI::App& cli);

}  // namespace bot::cli

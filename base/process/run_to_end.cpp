#include <utility>

#include "base/process/child_process.h"

namespace base {

std::optional<Finished> run_to_end(const ChildProcess::Spec& spec, std::chrono::seconds timeout) {
  ChildProcess child(spec, {});
  child.close_input();
  const auto until = std::chrono::steady_clock::now() + timeout;
  std::string output;
  std::string line;
  while (true) {
    switch (child.next(line, until)) {
      case ChildProcess::Next::line:
        output += line + "\n";
        break;
      case ChildProcess::Next::ended:
        return Finished{child.exit_status(), std::move(output), child.error_output()};
      case ChildProcess::Next::timeout:
        return std::nullopt;
      case ChildProcess::Next::stopped:
      case ChildProcess::Next::woken:
        break;  // nobody does
    }
  }
}

}  // namespace base

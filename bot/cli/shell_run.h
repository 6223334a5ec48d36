#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>

#include "store/states.h"

namespace bot::cli {

/// `frontdesk run`, `resume` and `review`.
struct ShellRun {
  store::DispatchAction action = store::DispatchAction::run;
  std::string config;
  std::string slug;
  std::optional<std::string> prompt;
  std::string prompt_file;  ///< "-": standard input
  std::string description;
  int timeout_s = 0;  ///< 0: as configured
  int max_turns = 0;
  std::string model;
  std::string specialist;  ///< empty: as configured
  std::string allowed_tools;
  std::string system_prompt;
  bool verbose = false;
  std::string program = "frontdesk";  ///< as it was called
};

/// Runs the specialist in the project's folder and waits for it; prints its JSON result on `out` and the
/// progress on `err`. Returns the specialist's exit status, 124 if it ran out of time, 130 or 143 if a signal
/// stopped it, 1 if it could not begin, or where a review gave no findings as data. SIGINT and SIGTERM are
/// blocked in the whole process and taken here: the first interrupts the specialist, which keeps its session,
/// the second ends everything. Throws base::ConfigError.
int shell_run(const ShellRun& options, std::ostream& out, std::ostream& err);

}  // namespace bot::cli

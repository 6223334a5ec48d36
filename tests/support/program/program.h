#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/support/wait.h"

namespace support {

/// The path in that environment variable; throws std::runtime_error, in a sentence, where it is not set or
/// names no program.
std::string program_path(const char* variable);

/// A command under test, started in `folder` with a clean environment (PATH, HOME = the folder, TZ = UTC and
/// `environment`). Its output goes to files of that folder. It is killed with the object and with the test
/// program. Thread rule: one thread, except kill().
class Program {
 public:
  using Environment = std::map<std::string, std::string>;

  Program(std::vector<std::string> argv, const std::filesystem::path& folder,
          const Environment& environment = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  int pid() const { return pid_; }
  /// Any thread. Nothing happens once the end was seen by wait().
  void signal(int number) const;
  /// The exit status (128 + N after signal N), or nothing if it does not end within that time.
  std::optional<int> wait(std::chrono::milliseconds patience);

  std::string output() const;  ///< standard output
  std::string log() const;     ///< standard error

  /// The port in "listening on http://…", or 0 if the program ended or did not say so in time.
  int wait_for_port(std::chrono::milliseconds patience = kPatience);

 private:
  void show_report() const;

  std::filesystem::path output_;
  std::filesystem::path log_;
  int pid_ = -1;
  std::optional<int> status_;
};

struct Finished {
  int status = -1;
  std::string output;
  std::string errors;
};
/// Runs FRONTDESK_BIN with these arguments to its end.
Finished run_frontdesk(std::vector<std::string> arguments, const std::filesystem::path& folder,
                       const Program::Environment& environment = {});

/// The processes whose environment holds that entry ("NAME=value"), zombies left out.
std::vector<int> processes_with(const std::string& entry);

}  // namespace support

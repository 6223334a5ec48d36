#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace base {

/// A command whose input and output we hold, under a supervisor that ends its whole process tree with it (see
/// supervisor.h). Thread rule: one thread; others may use the stop token that the constructor was given,
/// wake() and kill().
class ChildProcess {
 public:
  /// What its standard input, output and error output are. A pipe can be opened once more through
  /// /proc/<pid>/fd, by whatever the command runs, which could then speak in its name, or in ours; a socket
  /// cannot, and so no script can open /dev/stdin and the like.
  enum class Stdio { sockets, pipes };

  struct Spec {
    std::vector<std::string> argv;         ///< the first is looked up in the environment's PATH
    std::vector<std::string> environment;  ///< "NAME=value", nothing else is inherited
    std::filesystem::path directory;
    int lock_fd = -1;  ///< kept open until the whole tree is gone; -1 for none
    Stdio stdio = Stdio::sockets;
    std::uintmax_t max_file_bytes = 0;  ///< no file can be made larger (RLIMIT_FSIZE); 0: no limit
  };

  /// Starts it; throws std::system_error if the supervisor cannot be started. A command that cannot be
  /// started ends with status 127 and a sentence on its error output.
  ChildProcess(const Spec& spec, std::stop_token stop);

  /// Ends the tree and waits until it is gone.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  enum class Next { line, ended, timeout, stopped, woken };

  /// Waits for the next whole line of output (without its newline, at most max_line_bytes: a longer one is
  /// cut), the end of the command, `until`, a call of wake(), or the stop token, which is reported once.
  Next next(std::string& line, std::chrono::steady_clock::time_point until);

  /// Any thread: makes next() return `woken`, once for any number of calls.
  void wake();

  /// Queues text for the command's input; what the command does not read is dropped when it ends.
  void write(std::string text);
  /// End of file on its input, after all that was written.
  void close_input();
  /// Any thread: ends the whole tree now. next() then returns `ended`.
  void kill();

  /// The process id of the supervisor, whose descendants the command and all that it starts are.
  int supervisor() const;
  /// After `ended`: the exit status, 128 + N after signal N.
  int exit_status() const;
  /// The last 64 KiB that the command wrote on its error output.
  const std::string& error_output() const;

  static constexpr std::size_t max_line_bytes = 16 * 1024 * 1024;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The output of a command that has ended.
struct Finished {
  int exit_status = 0;
  std::string output;  ///< whole lines
  std::string error_output;
};
/// Runs a command without input. If it does not end within `timeout` it is killed, and there is no result.
std::optional<Finished> run_to_end(const ChildProcess::Spec& spec, std::chrono::seconds timeout);

}  // namespace base

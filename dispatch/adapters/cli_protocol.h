#pragma once

#include <optional>
#include <string>

namespace dispatch {

/// How one run of a CLI is read and answered. An adapter implements it; monitor_run() calls it, in its own
/// thread.
class CliProtocol {
 public:
  virtual ~CliProtocol() = default;

  /// A line of the CLI's output.
  virtual void on_line(const std::string& line) = 0;
  /// Task::mailbox has something.
  virtual void on_mail() {}
  /// Comes at least once a second.
  virtual void on_tick() {}
  /// Whether the line shows that the CLI works, and is worth keeping: not so the answers to questions of our
  /// own.
  virtual bool is_sign_of_life(const std::string& /*line*/) const { return true; }
  /// Whether nothing more is to come: then the CLI's input is closed, and it has some seconds to exit. If it
  /// begins something more meanwhile, this is false again, and it may go on.
  virtual bool has_result() const = 0;
  /// Its input is closed from now on.
  virtual void on_input_closed() {}
  /// A tool of the CLI may be silent for long; meanwhile only the task's timeout applies.
  virtual bool tool_is_running() const { return false; }
  /// While it waits for a person the run's clock stands still.
  virtual bool waits_for_person() const { return false; }
  /// What this run cost so far, in US dollars, as far as it is known.
  virtual double usd_so_far() const { return 0; }
  /// How many calls of a model this run made so far, as far as they are seen.
  virtual int model_calls() const { return 0; }
  /// A sentence for the chat where going on is useless, although the CLI still tries.
  virtual std::optional<std::string> fatal_problem() const { return std::nullopt; }
  /// Asks the CLI to stop, for which it has some seconds; false where it can only be killed.
  virtual bool interrupt() { return false; }
};

}  // namespace dispatch

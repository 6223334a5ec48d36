#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/process/child_process.h"
#include "dispatch/task/specialist.h"

namespace dispatch {

/// What an adapter knows of its CLI's output. All functions are called by attend(), in its thread.
class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// A line of the CLI's output.
  virtual void take(const std::string& line) = 0;
  /// Task::mailbox has something.
  virtual void mail_came() {}
  /// Nothing more is to come: the CLI's input is closed, and it has some seconds to end by itself.
  virtual bool has_result() const = 0;
  /// A tool of the CLI may be silent for long; then only the task's time bounds it.
  virtual bool tool_is_running() const { return false; }
  /// While a person is awaited the run's time stands still.
  virtual bool awaits_person() const { return false; }
  /// What this run cost so far, in US dollars, as far as it can be told.
  virtual double usd_so_far() const { return 0; }
  /// A sentence for the chat if going on is useless although the CLI still tries.
  virtual std::optional<std::string> hopeless() const { return std::nullopt; }
  /// Asks the CLI to stop, which has some seconds for it; false where it can only be killed.
  virtual bool interrupt() { return false; }
};

/// How a process ended.
struct Ending {
  Outcome forced = Outcome::error;  ///< why we ended it; counts where `problem` says something
  std::string problem;              ///< a sentence for the chat; empty where it ended by itself
  bool killed = false;              ///< it did not end when it was asked to
  int exit_status = 0;              ///< 128 + N after signal N
  std::string error_output;         ///< the end of it, in UTF-8
};

/// Stays with a specialist's process until it has ended: gives every line to the dialogue and to the event
/// log, tells `on_event` once a second that it is still there, and ends it when `stop` is requested or when
/// it passes a bound of the task (time, silence, money, disk, output). Returns at the latest some seconds
/// after that.
Ending monitor_run(base::ChildProcess& child, Dialogue& dialogue, const Task& task,
                   const std::function<void(const Event&)>& on_event, std::stop_token stop);

/// The sentence for the chat for a CLI that gave no result; `cli` is its name.
std::string problem_without_result(const std::string& cli, const Ending& ending);

}  // namespace dispatch

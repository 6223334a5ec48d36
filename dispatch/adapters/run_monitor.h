#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/process/child_process.h"
#include "dispatch/adapters/cli_protocol.h"
#include "dispatch/task/specialist.h"

namespace dispatch {

/// How the process of a run ended.
struct RunEnd {
  Outcome forced = Outcome::error;  ///< why we ended it; counts where `problem` is not empty
  std::string problem;              ///< a sentence for the chat; empty where it ended by itself
  bool killed = false;              ///< it did not end when it was asked to
  int exit_status = 0;              ///< 128 + N after signal N
  std::string error_output;         ///< the end of it, in UTF-8
};

/// Watches a specialist's process until it ends: passes every line to the protocol and to the event log,
/// emits Event::Kind::still_working once a second, and ends the process when `stop` is requested or when it
/// exceeds a limit of the task (time, silence, money, disk, output). Returns at the latest some seconds after
/// that. What is written in `also_written`, beside the task's folder, counts for the limit of the disk, too.
RunEnd monitor_run(base::ChildProcess& child, CliProtocol& protocol, const Task& task,
                   const std::function<void(const Event&)>& on_event, std::stop_token stop,
                   const std::vector<std::filesystem::path>& also_written = {});

/// Of a CLI's error output, for a sentence.
std::string first_line_of(const std::string& error_output);

/// The sentence for the chat where the CLI gave no result; `cli` is its name.
std::string problem_without_result(const std::string& cli, const RunEnd& end);

}  // namespace dispatch

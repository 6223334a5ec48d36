#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dispatch/task/event_log.h"
#include "store/approvals.h"
#include "store/dispatch_log.h"

namespace bot::reporting {

/// One thing that happened on the way, as the timeline shows it.
struct Step {
  base::Timestamp at;
  std::string kind;  ///< text thinking tool asked_tool edit command approval refusal error leg delivery state
  std::string title;
  std::string detail = {};
  std::string tool = {};
  std::string path = {};        ///< relative to the project
  std::string diff = {};        ///< unified, of an edit; empty where none was recorded
  std::optional<bool> ok = {};  ///< nothing: it is not known, or it goes on
  std::string by = {};          ///< who pressed it
  std::optional<std::int64_t> approval = {};
  std::string known = {};  ///< "recorded", "inferred" or "unknown", where that is not plain
  std::optional<std::chrono::milliseconds> took = {};
};

/// The events that were recorded of one process, with each command as it ran: where a person allowed another
/// one than was asked for, that stands in the call, and what was asked for beside it as "asked_for". Of the
/// dispatch's approvals. Thread rule: any thread.
std::vector<dispatch::EventLog::Entry> events_as_they_ran(const std::filesystem::path& project,
                                                          const store::Leg& leg,
                                                          const std::vector<store::Approval>& approvals);

/// What the specialist did in these processes, as it was recorded in the project's log folder, oldest first;
/// where nothing was recorded there is nothing. Texts are cut to a few kilobytes, steps to a few thousand.
/// Of the dispatch's approvals. Thread rule: any thread.
std::vector<Step> specialist_steps(const std::filesystem::path& project, const std::vector<store::Leg>& legs,
                                   const std::vector<store::Approval>& approvals);

}  // namespace bot::reporting

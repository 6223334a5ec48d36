#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.h"

namespace dispatch {

/// Before when a run must have ended for what it left to be removed; nothing: it stays.
struct OldLogs {
  std::optional<base::Timestamp> results;  ///< <record>-result.json, -stderr.log
  std::optional<base::Timestamp> events;   ///< <record>-events.jsonl, compressed or not
};

/// Removes what old runs left in the log folders of all projects below `root`: by the time of the file's last
/// change, never of a project in which somebody works, nor of a project's newest three runs, which `resume`
/// and `status` read. Looks at no file that is not named as a run's. Returns how many files went. What cannot
/// be removed stays without a word; a folder that cannot be read throws std::system_error. Thread rule: any
/// thread.
int remove_old_logs(const std::filesystem::path& root, const OldLogs& before);

}  // namespace dispatch

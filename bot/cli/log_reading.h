#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/cli/log_commands.h"
#include "bot/runtime/settings.h"
#include "store/database.h"
#include "store/log_view.h"

namespace bot::cli {

// What the subcommands of `frontdesk log` share: the log on disk, and the filters.

/// Which end of a day a date stands for.
enum class DayEnd { begin, end };
/// The time that `flag` was given: an age ("90d"), a date in `zone`, or RFC 3339. Throws base::ConfigError.
base::Timestamp time_of(const char* flag, const std::string& text, DayEnd of_day, const std::string& zone);

/// Throws base::ConfigError. From then on the program's own log is silent but for warnings.
runtime::ShellSettings load_quietly(const std::string& config);

/// The log, open for reading. Opening it settles shell runs whose process is gone.
struct OpenLog {
  /// Throws base::ConfigError.
  explicit OpenLog(const LogOptions& options);

  runtime::ShellSettings settings;
  store::Database db;
  store::LogView view;
  /// In the zone of the reports.
  std::string minute(base::Timestamp at) const { return base::format_minute(at, settings.timezone); }
};

/// The filter that the options ask for, days in that zone; a limit of 0 is none. Throws base::ConfigError
/// where --since or --until is no time.
store::LogFilter filter_of(const LogOptions& options, int limit, const std::string& zone);

/// The words in these texts, at any white space.
std::vector<std::string> words_of(const std::vector<std::string>& texts);

}  // namespace bot::cli

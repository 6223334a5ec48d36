#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bot/cli/log_commands.h"
#include "bot/runtime/settings.h"
#include "store/database.h"
#include "store/log_view.h"

namespace bot::cli {

// What the subcommands of `frontdesk log` share: the log on disk, and the filters.

/// The time that `flag` was given: an age ("90d"), a date, or RFC 3339. Throws base::ConfigError.
base::Timestamp time_of(const char* flag, const std::string& text, bool to_end_of_day);

/// Throws base::ConfigError. From then on the program's own log is silent but for warnings.
runtime::ShellSettings load_quietly(const std::string& config);

/// The log, open for reading. Opening it settles shell runs whose process is gone.
struct OpenLog {
  /// Throws base::ConfigError.
  explicit OpenLog(const LogOptions& options);

  runtime::ShellSettings settings;
  store::Database db;
  store::LogView view;
};

/// The filter that the options ask for; a limit of 0 is none. Throws base::ConfigError where --since or
/// --until is no time.
store::LogFilter filter_of(const LogOptions& options, int limit);

/// The words in these texts, at any white space.
std::vector<std::string> words_of(const std::vector<std::string>& texts);

}  // namespace bot::cli

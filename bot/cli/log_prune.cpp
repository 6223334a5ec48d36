#include <iostream>

#include <fmt/core.h>

#include "base/clock.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "store/existing_database.h"
#include "store/log_pruning.h"
#include "store/traces.h"

namespace bot::cli {

int prune_log(const LogOptions& options) {
  const auto settings = load_quietly(options.config);
  const auto before = time_of("--older-than", options.older_than, DayEnd::begin, settings.timezone);
  auto db = store::open_existing(settings.database);
  using Mode = store::LogPruning::Mode;
  std::int64_t rows = 0;
  for (store::LogPruning::Step step{.more = true}; step.more;) {
    step = store::LogPruning(db).next(before, step.last, options.dry_run ? Mode::count : Mode::prune);
    rows += step.rows;
  }
  if (rows > 0 && !options.dry_run) {
    store::wipe_traces_at_leisure(db, [] { return true; });
  }
  std::cout << fmt::format("{} {} from before {} {} texts{}.\n", rows, rows == 1 ? "row" : "rows",
                           base::format_minute(before, settings.timezone),
                           options.dry_run ? "would lose their" : "lost their",
                           options.dry_run ? "; nothing was changed" : "");
  return 0;
}

}  // namespace bot::cli

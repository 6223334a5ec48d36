#include <iostream>

#include <fmt/core.h>

#include "base/clock.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "store/log_pruning.h"

namespace bot::cli {

int prune_log(const LogOptions& options) {
  const auto before = time_of("--older-than", options.older_than, false);
  store::Database db(load_quietly(options.config).database);
  using Mode = store::LogPruning::Mode;
  std::int64_t rows = 0;
  for (store::LogPruning::Step step{.more = true}; step.more;) {
    step = store::LogPruning(db).next(before, step.last, options.dry_run ? Mode::count : Mode::prune);
    rows += step.rows;
  }
  std::cout << fmt::format(
      "{} {} from before {} {} texts{}.\n", rows, rows == 1 ? "row" : "rows", base::format_minute(before, ""),
      options.dry_run ? "would lose their" : "lost their", options.dry_run ? "; nothing was changed" : "");
  return 0;
}

}  // namespace bot::cli

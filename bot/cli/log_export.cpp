#include <iostream>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/log_csv.h"
#include "bot/reporting/log_items.h"

namespace bot::cli {

int export_log(const LogOptions& options) {
  OpenLog log(options);
  constexpr int kAtOnce = 1000;
  auto filter = filter_of(options, kAtOnce, log.settings.timezone);
  filter.order.descending = false;
  const bool csv = options.format == "csv";
  std::cout << (csv ? reporting::csv_header() : "");
  for (;;) {
    const auto places = log.view.places(filter);
    for (const auto& place : places) {
      const auto item = reporting::to_json(log.view.row(place.decision).value());
      std::cout << (csv ? reporting::csv_line(item) : base::dump_json(item) + "\n");
    }
    if (places.size() < kAtOnce) {
      return 0;
    }
    filter.after = places.back();
  }
}

}  // namespace bot::cli

#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/log_tables.h"
#include "bot/texts/approvals.h"
#include "bot/texts/tools.h"

namespace bot::cli {
namespace {

using nlohmann::json;

const char* heading(const std::string& by) {
  return by == "user" ? "USER" : by == "chat" ? "CHAT" : by == "project" ? "PROJECT" : "DAY";
}

template <typename Rows>
json rows_json(const Rows& rows) {
  auto array = json::array();
  for (const auto& row : rows) {
    array.push_back(reporting::to_json(row));
  }
  return array;
}

void print_sum(const std::string& key, const store::LogSum& sum) {
  std::cout << fmt::format("{:<32} {:>9} {:>9} {:>9} {:>10} {:>9}\n", base::one_line(key), sum.turns,
                           sum.answered, sum.asked, sum.dispatched, base::format_usd(sum.usd));
}

std::string decision_of(const json& asked) {
  const auto decision = base::json_integer(asked, "decision");
  return decision ? std::to_string(*decision) : "-";
}

/// What was allowed comes before what was asked for in its place.
std::string asked_text(const std::string& tool, const std::string& detail, const std::string& allowed) {
  const auto what = allowed.empty() ? detail : allowed + " " + texts::in_place_of(detail);
  return base::ellipsize(base::one_line(tool + " " + what), 300);
}

}  // namespace

int show_log_summary(const LogOptions& options) {
  OpenLog log(options);
  const auto all = reporting::summary_of(log.db, filter_of(options, 0, log.settings.timezone), options.by,
                                         log.settings.timezone);
  if (options.json) {
    std::cout << base::dump_json(rows_json(all)) << "\n";
    return 0;
  }
  if (all.empty()) {
    std::cout << "No decisions match.\n";
    return 0;
  }
  std::cout << fmt::format("{:<32} {:>9} {:>9} {:>9} {:>10} {:>9}\n", heading(options.by), "DECISIONS",
                           "ANSWERED", "ASKED", "DISPATCHED", "COST");
  for (const auto& sum : all) {
    print_sum(sum.key.empty() ? "(none)" : sum.name.empty() ? sum.key : sum.key + " " + sum.name, sum);
  }
  print_sum("TOTAL", reporting::total_of(all));
  return 0;
}

int show_log_approvals(const LogOptions& options) {
  OpenLog log(options);
  store::ApprovalFilter filter;
  filter.decisions = filter_of(options, 0, log.settings.timezone);
  filter.since = filter.decisions.since;
  filter.until = filter.decisions.until;
  filter.words = words_of(options.grep);
  const auto all = reporting::asked_list(log.db, filter, {}, 0).items;
  if (options.json) {
    std::cout << base::dump_json(all) << "\n";
    return 0;
  }
  if (all.empty()) {
    std::cout << "No approvals match.\n";
  }
  for (const auto& asked : all) {
    const auto text = [&](const char* member) { return base::json_text(asked, member); };
    const bool is_call = text("kind") == "tool";
    const auto by = text("by");
    // Of a call what came of it is more than what was said to it.
    std::cout << fmt::format("{} {} {} {}{}: {}\n", log.minute(base::parse_rfc3339(text("at")).value()),
                             is_call ? decision_of(asked) : text("dispatch") + " " + text("project"),
                             text("kind"), is_call ? text("outcome_text") : text("state"),
                             by.empty() ? "" : " by " + by,
                             asked_text(text("tool"), text("detail"), text("allowed_instead")));
  }
  return 0;
}

}  // namespace bot::cli

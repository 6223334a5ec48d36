#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/log_tables.h"
#include "bot/texts/approvals.h"

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

/// What was allowed comes before what was asked for in its place.
std::string asked_text(const std::string& tool, const std::string& detail, const std::string& allowed) {
  const auto what = allowed.empty() ? detail : allowed + " " + texts::in_place_of(detail);
  return base::ellipsize(base::one_line(tool + " " + what), 300);
}

}  // namespace

int show_log_summary(const LogOptions& options) {
  OpenLog log(options);
  const auto all = reporting::summary_of(log.db, filter_of(options, 0), options.by);
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
  filter.decisions = filter_of(options, 0);
  filter.since = filter.decisions.since;
  filter.until = filter.decisions.until;
  filter.words = words_of(options.grep);
  const auto all = store::list_approvals(log.db, filter);
  if (options.json) {
    std::cout << base::dump_json(rows_json(all)) << "\n";
    return 0;
  }
  if (all.empty()) {
    std::cout << "No approvals match.\n";
  }
  for (const auto& [approval, decision, chat, user, project, by] : all) {
    std::cout << fmt::format("{} {} {} {} {}{}: {}\n", base::format_minute(approval.asked, ""),
                             chat::dispatch_name(approval.dispatch), project, to_string(approval.kind),
                             to_string(approval.state), by.empty() ? "" : " by " + by,
                             asked_text(approval.tool, approval.detail, store::allowed_instead(approval)));
  }
  return 0;
}

}  // namespace bot::cli

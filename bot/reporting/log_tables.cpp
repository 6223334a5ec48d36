#include "bot/reporting/log_tables.h"

#include <nlohmann/json.hpp>

#include "base/rfc3339.h"
#include "bot/chat/platform.h"

namespace bot::reporting {
namespace {

using nlohmann::json;

void add(store::LogSum& to, const store::LogSum& sum) {
  to.turns += sum.turns;
  to.answered += sum.answered;
  to.asked += sum.asked;
  to.dispatched += sum.dispatched;
  to.failed += sum.failed;
  to.usd += sum.usd;
}

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

}  // namespace

std::vector<store::LogSum> summary_of(store::Database& db, const store::LogFilter& filter,
                                      const std::string& by) {
  using store::SumBy;
  if (by != "day") {
    return store::log_sums(db, filter,
                           by == "chat"      ? SumBy::chat
                           : by == "project" ? SumBy::project
                                             : SumBy::person);
  }
  std::vector<store::LogSum> days;
  for (const auto& quarter : store::log_sums(db, filter, SumBy::quarter)) {
    const auto day =
        base::format_minute(quarter.quarter, "").substr(0, std::string_view("2026-11-27").size());
    if (days.empty() || days.back().key != day) {
      days.push_back({.key = day, .name = ""});
    }
    add(days.back(), quarter);
  }
  return days;
}

store::LogSum total_of(const std::vector<store::LogSum>& sums) {
  store::LogSum total;
  for (const auto& sum : sums) {
    add(total, sum);
  }
  return total;
}

json to_json(const store::LogSum& sum) {
  return {{"key", or_null(sum.key)},      {"name", or_null(sum.name)},
          {"turns", sum.turns},           {"n", sum.turns},
          {"answered", sum.answered},     {"answer", sum.answered},
          {"asked", sum.asked},           {"ask", sum.asked},
          {"dispatched", sum.dispatched}, {"dispatch", sum.dispatched},
          {"failed", sum.failed},         {"usd", sum.usd}};
}

json to_json(const store::ListedApproval& listed) {
  const auto& approval = listed.approval;
  return {{"id", approval.id},
          {"at", base::format_rfc3339(approval.asked)},
          {"settled_at", approval.settled ? json(base::format_rfc3339(*approval.settled)) : json(nullptr)},
          {"settled", approval.settled ? json(base::format_rfc3339(*approval.settled)) : json(nullptr)},
          {"dispatch", chat::dispatch_name(approval.dispatch)},
          {"decision", listed.decision.value},
          {"chat", listed.chat},
          {"person", listed.user},
          {"project", listed.project},
          {"kind", to_string(approval.kind)},
          {"tool", approval.tool},
          {"detail", approval.detail},
          {"state", to_string(approval.state)},
          {"by", or_null(listed.by)},
          {"allowed_instead", or_null(store::allowed_instead(approval))},
          {"comment", approval.comment}};
}

}  // namespace bot::reporting

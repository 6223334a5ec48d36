#include "bot/reporting/log_tables.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/rfc3339.h"
#include "bot/chat/platform.h"
#include "bot/reporting/called_tools.h"
#include "bot/reporting/savings.h"

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

using Below = std::optional<std::int64_t>;

/// Of a cursor of asked_list(): below which approval, and below which call, the page begins. What is none is
/// the beginning.
std::pair<Below, Below> places_of(const std::string& cursor) {
  std::pair<Below, Below> places;
  const auto dot = std::min(cursor.find('.'), cursor.size());
  const auto read = [&](std::size_t from, std::size_t to, Below& place) {
    std::int64_t id = 0;
    if (std::from_chars(cursor.data() + from, cursor.data() + to, id).ec == std::errc()) {
      place = id;
    }
  };
  read(0, dot, places.first);
  read(std::min(dot + 1, cursor.size()), cursor.size(), places.second);
  return places;
}

}  // namespace

std::vector<store::LogSum> summary_of(store::Database& db, const store::LogFilter& filter,
                                      const std::string& by, const std::string& zone) {
  using store::SumBy;
  if (by != "day") {
    return store::log_sums(db, filter,
                           by == "chat"      ? SumBy::chat
                           : by == "project" ? SumBy::project
                                             : SumBy::person);
  }
  std::vector<store::LogSum> days;
  for (const auto& quarter : store::log_sums(db, filter, SumBy::quarter)) {
    const auto day = day_of(quarter.quarter, zone);
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
          {"outcome", nullptr},
          {"by", or_null(listed.by)},
          {"allowed_instead", or_null(store::allowed_instead(approval))},
          {"comment", approval.comment}};
}

Asked asked_list(store::Database& db, store::ApprovalFilter filter, const std::string& cursor, int limit) {
  struct Row {
    base::Timestamp at;
    bool is_call;
    std::int64_t id;
    json item;
  };
  auto below = places_of(cursor);
  filter.limit = limit > 0 ? limit + 1 : 0;
  std::vector<Row> rows;
  filter.below = below.first;
  for (const auto& listed : store::list_approvals(db, filter)) {
    rows.push_back({listed.approval.asked, false, listed.approval.id, to_json(listed)});
  }
  filter.below = below.second;
  for (const auto& listed : store::list_asked_calls(db, filter)) {
    rows.push_back({listed.call.made, true, listed.call.id, to_json(listed)});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.at > b.at; });
  Asked asked{json::array(), {}};
  const auto count = limit > 0 ? std::min(rows.size(), static_cast<std::size_t>(limit)) : rows.size();
  for (std::size_t i = 0; i < count; ++i) {
    (rows[i].is_call ? below.second : below.first) = rows[i].id;
    asked.items.push_back(std::move(rows[i].item));
  }
  if (count < rows.size()) {
    asked.next = fmt::format("{}.{}", below.first.value_or(INT64_MAX), below.second.value_or(INT64_MAX));
  }
  return asked;
}

}  // namespace bot::reporting

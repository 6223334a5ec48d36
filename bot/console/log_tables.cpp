#include "bot/console/log_tables.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/console/log_query.h"
#include "bot/console/query.h"
#include "bot/markup/literal_markdown.h"
#include "bot/markup/markdown.h"
#include "bot/reporting/log_items.h"
#include "bot/reporting/log_tables.h"
#include "bot/reporting/search_hits.h"
#include "bot/texts/console_log.h"
#include "store/changes.h"
#include "store/review_queue.h"

namespace bot::console {
namespace {

using base::HttpResponse;
using nlohmann::json;

constexpr int kReviewDays = 90;

/// `items` may have one more than `limit`, which says that there are more.
HttpResponse page(json items, int limit, const char* id, json more = json::object()) {
  json next;
  if (items.size() > static_cast<std::size_t>(limit)) {
    items.erase(items.size() - 1);
    next = std::to_string(items.back().at(id).get<std::int64_t>());
  }
  more["items"] = std::move(items);
  more["next"] = next;
  return HttpResponse::json(base::dump_json(more));
}

HttpResponse review(const Call& call) {
  allow_only(call.request, {"limit", "cursor", "why", "days"});
  const auto limit = limit_of(call.request);
  const auto from = below(call.request);
  const auto why = word_parameter(call.request, "why", store::ReviewQueue::reasons());
  const auto days = days_of(call.request, kReviewDays);
  const auto queue =
      store::ReviewQueue(call.db).look(call.services.clock.now() - std::chrono::hours(24 * days));
  store::LogView view(call.db);
  auto items = json::array();
  for (const auto& waiting : queue.waiting) {
    const bool wanted =
        (!from || waiting.decision.value < *from) &&
        (why.empty() || std::find(waiting.why.begin(), waiting.why.end(), why) != waiting.why.end());
    if (wanted && items.size() <= static_cast<std::size_t>(limit)) {
      items.push_back(reporting::to_json(view.row(waiting.decision).value()));
      items.back()["why"] = waiting.why;
    }
  }
  const auto remaining = static_cast<std::int64_t>(queue.waiting.size());
  return page(std::move(items), limit, "id",
              {{"total", remaining + queue.judged}, {"judged", queue.judged}, {"remaining", remaining}});
}

HttpResponse summary(const Call& call) {
  allow_only(call.request, {"by", "from", "to"});
  auto by = parameter(call.request, "by").value_or("day");
  by = by == "user" ? "person" : by;  // as the shell calls it
  if (by != "person" && by != "chat" && by != "day" && by != "project") {
    throw Refusal{400, texts::must_be("by", "person, chat, day or project")};
  }
  store::LogFilter filter;
  read_times(call.request, filter.since, filter.until);
  const auto sums = reporting::summary_of(call.db, filter, by, call.services.settings.secretary.timezone);
  auto items = json::array();
  for (const auto& sum : sums) {
    items.push_back(reporting::to_json(sum));
  }
  return HttpResponse::json(base::dump_json(
      {{"items", items}, {"next", nullptr}, {"total", reporting::to_json(reporting::total_of(sums))}}));
}

HttpResponse approvals(const Call& call) {
  allow_only(call.request, {"q", "from", "to", "state", "limit", "cursor"});
  const auto limit = limit_of(call.request);
  store::ApprovalFilter filter;
  filter.words = words_of(text_parameter(call.request, "q"));
  read_times(call.request, filter.since, filter.until);
  filter.state = store::parse<store::ApprovalState>(word_parameter(
      call.request, "state", {"open", "allowed", "allowed_for_task", "denied", "answered", "expired"}));
  const auto cursor = text_parameter(call.request, "cursor");
  if (cursor.find_first_not_of("0123456789.") != std::string::npos) {
    throw Refusal{400, texts::must_be("cursor", "\"next\" of the page before")};
  }
  auto asked = reporting::asked_list(call.db, std::move(filter), cursor, limit);
  for (auto& item : asked.items) {
    const auto detail = base::json_text(item, "detail");
    const bool is_call = base::json_text(item, "kind") == "tool";
    item["detail_html"] = markup::markdown_to_html(is_call ? markup::fenced(detail) : detail);
  }
  return HttpResponse::json(base::dump_json(
      {{"items", std::move(asked.items)}, {"next", asked.next.empty() ? json(nullptr) : json(asked.next)}}));
}

HttpResponse search(const Call& call) {
  allow_only(call.request, {"q", "limit"});
  const auto q = parameter(call.request, "q");
  if (!q) {
    throw Refusal{400, texts::must_be("q", "the words to look for")};
  }
  auto items = json::array();
  for (const auto& hit : reporting::search_hits(call.db, words_of(*q), limit_of(call.request))) {
    items.push_back(reporting::to_json(hit));
  }
  return HttpResponse::json(base::dump_json({{"items", items}, {"next", nullptr}}));
}

/// JSON that was stored, or null.
json stored(const std::string& text) {
  return text.empty() ? json(nullptr) : base::parse_json(text).value_or(json(text));
}

HttpResponse changes(const Call& call) {
  allow_only(call.request, {"limit", "cursor"});
  const auto limit = limit_of(call.request);
  auto items = json::array();
  for (const auto& change : store::Changes(call.db).newest(limit + 1, below(call.request))) {
    items.push_back({{"id", change.id},
                     {"at", base::format_rfc3339(change.at)},
                     {"by", change.by},
                     {"role", change.role},
                     {"what", change.what},
                     {"scope", change.scope},
                     {"before", stored(change.before)},
                     {"after", stored(change.after)},
                     {"reason", change.reason}});
  }
  return page(std::move(items), limit, "id");
}

}  // namespace

std::vector<Route> log_table_routes() {
  return {{"GET", "/review", Role::viewer, review},
          {"GET", "/summary", Role::viewer, summary},
          {"GET", "/approvals", Role::viewer, approvals},
          {"GET", "/search", Role::viewer, search},
          {"GET", "/changes", Role::viewer, changes}};
}

}  // namespace bot::console

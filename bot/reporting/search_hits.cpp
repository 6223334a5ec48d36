#include "bot/reporting/search_hits.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/reporting/called_tools.h"
#include "store/dispatch_log.h"
#include "store/log_view.h"

namespace bot::reporting {
namespace {

constexpr std::size_t kAround = 80;

/// Nothing where no word is in it.
std::string excerpt_of(const std::string& text, const std::vector<std::string>& words) {
  const auto lower = base::ascii_lower(text);
  auto first = std::string::npos;
  for (const auto& word : words) {
    first = std::min(first, lower.find(base::ascii_lower(word)));
  }
  if (first == std::string::npos) {
    return {};
  }
  auto begin = first > kAround ? first - kAround : 0;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) {
    --begin;
  }
  return (begin > 0 ? "…" : "") +
         base::ellipsize(
             base::one_line(base::to_valid_utf8(std::string_view(text).substr(begin, 4 * kAround))),
             3 * kAround);
}

}  // namespace

std::vector<SearchHit> search_hits(store::Database& db, const std::vector<std::string>& words,
                                   int decisions) {
  store::LogView view(db);
  store::LogFilter filter;
  filter.words = words;
  filter.limit = decisions;
  std::vector<SearchHit> hits;
  for (const auto& row : view.rows(filter)) {
    const auto dispatch =
        row.dispatch ? std::optional(store::DispatchLog(db).dispatch(*row.dispatch)) : std::nullopt;
    const auto add = [&](const char* where, const std::string& text) {
      if (auto excerpt = excerpt_of(text, words); !excerpt.empty()) {
        hits.push_back({row.decision, row.at, where, std::move(excerpt)});
      }
    };
    add("message", row.message);
    for (const auto& call : calls_of(db, row.decision)) {
      add("tool", call.server + "/" + call.tool + " " + base::redacted(call.arguments + "\n" + call.result));
    }
    if (dispatch) {
      add("task", dispatch->prompt);
      add("result", dispatch->result);
    } else {
      add("answer", view.posted(row));
    }
  }
  return hits;
}

nlohmann::json to_json(const SearchHit& hit) {
  return {{"decision", hit.decision.value},
          {"at", base::format_rfc3339(hit.at)},
          {"where", hit.where},
          {"excerpt", hit.excerpt}};
}

}  // namespace bot::reporting

#include "bot/console/log_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/rfc3339.h"
#include "bot/console/api.h"
#include "bot/texts/console.h"
#include "bot/texts/console_log.h"

namespace bot::console {
namespace {

using base::HttpRequest;

constexpr int kUsualLimit = 50, kMostAtOnce = 500;

struct Sort {
  std::string_view name;
  store::LogOrder order;
};
constexpr std::array kSorts = {
    Sort{"at", {store::LogOrder::By::at, false}},   Sort{"-at", {store::LogOrder::By::at, true}},
    Sort{"p", {store::LogOrder::By::p, false}},     Sort{"-p", {store::LogOrder::By::p, true}},
    Sort{"usd", {store::LogOrder::By::usd, false}}, Sort{"-usd", {store::LogOrder::By::usd, true}}};

[[noreturn]] void refuse(const std::string& sentence) {
  throw Refusal{400, sentence};
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && std::isfinite(number)
             ? std::optional(number)
             : std::nullopt;
}

std::optional<double> number_parameter(const HttpRequest& request, const std::string& name, double most,
                                       const char* what) {
  const auto text = parameter(request, name);
  if (!text) {
    return std::nullopt;
  }
  const auto number = number_of(*text);
  if (!number || *number < 0 || *number > most) {
    refuse(texts::must_be(name, what));
  }
  return number;
}

/// "section:id", as chats and persons are named.
std::string address_parameter(const HttpRequest& request, const std::string& name) {
  const auto text = parameter(request, name).value_or("");
  const auto colon = text.find(':');
  if (!text.empty() && (colon == std::string::npos || colon == 0 || colon + 1 == text.size())) {
    refuse(texts::must_be(name, "<section>:<id>"));
  }
  return text;
}

std::string one_of(const HttpRequest& request, const std::string& name,
                   const std::vector<std::string>& values) {
  const auto text = parameter(request, name).value_or("");
  if (!text.empty() && std::find(values.begin(), values.end(), text) == values.end()) {
    refuse(texts::must_be(name, fmt::format("one of {}", fmt::join(values, ", "))));
  }
  return text;
}

void read_bounds(const HttpRequest& request, store::LogFilter& filter) {
  constexpr double kMostUsd = 1e12;
  filter.usd_min = number_parameter(request, "usd_min", kMostUsd, "a number of dollars");
  filter.usd_max = number_parameter(request, "usd_max", kMostUsd, "a number of dollars");
  filter.p_min = number_parameter(request, "p_min", 1, "a number from 0 to 1");
  filter.p_max = number_parameter(request, "p_max", 1, "a number from 0 to 1");
  if (filter.usd_min > filter.usd_max && filter.usd_max) {
    refuse(texts::wrong_way_round("usd_min", "usd_max"));
  }
  if (filter.p_min > filter.p_max && filter.p_max) {
    refuse(texts::wrong_way_round("p_min", "p_max"));
  }
  read_times(request, filter.since, filter.until);
}

store::LogOrder order_of(const HttpRequest& request) {
  const auto name = parameter(request, "sort").value_or("-at");
  const auto* const found =
      std::find_if(kSorts.begin(), kSorts.end(), [&](const Sort& sort) { return sort.name == name; });
  if (found == kSorts.end()) {
    refuse(texts::must_be("sort", "at, p or usd, with - before it for descending"));
  }
  return found->order;
}

}  // namespace

void allow_only(const HttpRequest& request, std::initializer_list<std::string_view> names) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.query.all()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      refuse(texts::unknown_parameter(name));
    }
    if (!seen.insert(name).second) {
      refuse(texts::given_twice(name));
    }
  }
}

std::optional<std::string> parameter(const HttpRequest& request, const std::string& name) {
  auto value = request.query.get(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<base::Timestamp> time_parameter(const HttpRequest& request, const std::string& name) {
  const auto text = parameter(request, name);
  const auto time = text ? base::parse_rfc3339(*text) : std::nullopt;
  if (text && !time) {
    refuse(texts::must_be(name, "a time as in RFC 3339, such as 2026-11-22T17:05:00Z"));
  }
  return time;
}

std::optional<int> count_parameter(const HttpRequest& request, const std::string& name, int least, int most) {
  const auto text = parameter(request, name);
  if (!text) {
    return std::nullopt;
  }
  const auto number = number_of(*text);
  if (!number || *number != std::floor(*number) || *number < least) {
    refuse(texts::must_be(name, fmt::format("a whole number of at least {}", least)));
  }
  return static_cast<int>(std::min<double>(*number, most));
}

void read_times(const HttpRequest& request, std::optional<base::Timestamp>& from,
                std::optional<base::Timestamp>& to) {
  from = time_parameter(request, "from");
  to = time_parameter(request, "to");
  if (from && to && *from > *to) {
    refuse(texts::wrong_way_round("from", "to"));
  }
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

store::LogFilter log_filter(const HttpRequest& request, bool paged) {
  allow_only(request, {"q", "chat", "person", "project", "outcome", "action", "from", "to", "usd_min",
                       "usd_max", "p_min", "p_max", "cause", "verdict", "sort", "cursor", "limit"});
  store::LogFilter filter;
  filter.chat = address_parameter(request, "chat");
  filter.user = address_parameter(request, "person");
  filter.project = parameter(request, "project").value_or("");
  filter.outcome = one_of(request, "outcome", store::log_outcomes());
  filter.action =
      store::parse<store::DecisionAction>(one_of(request, "action", {"answer", "ask", "dispatch"}));
  filter.cause = parameter(request, "cause").value_or("");
  filter.verdict =
      one_of(request, "verdict", {"none", "any", "right", "should_answer", "should_dispatch", "bad_result"});
  filter.words = words_of(parameter(request, "q").value_or(""));
  read_bounds(request, filter);
  filter.order = order_of(request);
  // An export is of everything, unless it is asked for a page as a list is.
  if (const auto limit = count_parameter(request, "limit", 1, kMostAtOnce); limit || paged) {
    filter.limit = limit.value_or(kUsualLimit);
  }
  if (const auto cursor = parameter(request, "cursor")) {
    filter.after = place_of(filter.order, *cursor);
  }
  return filter;
}

std::string cursor_of(const store::LogOrder& order, const store::LogPlace& place) {
  const auto* const sort = std::find_if(kSorts.begin(), kSorts.end(), [&](const Sort& each) {
    return each.order.by == order.by && each.order.descending == order.descending;
  });
  return fmt::format("{}_{:.17g}_{}", sort->name, place.value, place.decision.value);
}

store::LogPlace place_of(const store::LogOrder& order, const std::string& cursor) {
  const auto first = cursor.find('_'), last = cursor.rfind('_');
  if (first != std::string::npos && last != first) {
    const auto value = number_of(std::string_view(cursor).substr(first + 1, last - first - 1));
    std::int64_t id = 0;
    const auto* const end = cursor.data() + cursor.size();
    const auto parsed = std::from_chars(cursor.data() + last + 1, end, id);
    if (value && std::abs(*value) < 1e17 && parsed.ec == std::errc() && parsed.ptr == end) {
      const store::LogPlace place{*value, {id}};
      if (cursor_of(order, place) == cursor) {
        return place;
      }
    }
  }
  refuse(texts::must_be("cursor", "what an answer of the same list and sort has in next"));
}

}  // namespace bot::console

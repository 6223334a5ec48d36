#include "bot/console/log_query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include <fmt/core.h>

#include "bot/console/api.h"
#include "bot/console/query.h"
#include "bot/texts/console_log.h"

namespace bot::console {
namespace {

using base::HttpRequest;

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

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

store::LogFilter log_filter(const HttpRequest& request) {
  allow_only(request, {"q", "chat", "person", "project", "outcome", "action", "from", "to", "usd_min",
                       "usd_max", "p_min", "p_max", "cause", "verdict", "sort", "cursor", "limit"});
  store::LogFilter filter;
  filter.chat = address_parameter(request, "chat");
  filter.user = address_parameter(request, "person");
  filter.project = text_parameter(request, "project");
  filter.outcome = word_parameter(request, "outcome", store::log_outcomes());
  filter.action =
      store::parse<store::DecisionAction>(word_parameter(request, "action", {"answer", "ask", "dispatch"}));
  filter.cause = text_parameter(request, "cause");
  filter.verdict = word_parameter(request, "verdict",
                                  {"none", "any", "right", "should_answer", "should_dispatch", "bad_result"});
  filter.words = words_of(text_parameter(request, "q"));
  read_bounds(request, filter);
  filter.order = order_of(request);
  if (parameter(request, "limit")) {
    filter.limit = limit_of(request);
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
    const auto value = decimal(std::string_view(cursor).substr(first + 1, last - first - 1));
    const auto id = whole(std::string_view(cursor).substr(last + 1));
    if (value && std::abs(*value) < 1e17 && id) {
      const store::LogPlace place{*value, {*id}};
      if (cursor_of(order, place) == cursor) {
        return place;
      }
    }
  }
  refuse(texts::must_be("cursor", "what an answer of the same list and sort has in next"));
}

}  // namespace bot::console

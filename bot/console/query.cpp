#include "bot/console/query.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

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
constexpr int kMostDays = 3650;

[[noreturn]] void refuse(const std::string& sentence) {
  throw Refusal{400, sentence};
}

template <typename Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<double> decimal(std::string_view text) {
  const auto number = parsed<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<std::int64_t> whole(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? parsed<std::int64_t>(text) : std::nullopt;
}

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

std::string text_parameter(const HttpRequest& request, const std::string& name) {
  return request.query.get(name).value_or("");
}

std::string word_parameter(const HttpRequest& request, const std::string& name,
                           const std::vector<std::string>& words) {
  const auto text = text_parameter(request, name);
  if (!text.empty() && std::find(words.begin(), words.end(), text) == words.end()) {
    refuse(texts::must_be(name, fmt::format("one of {}", fmt::join(words, ", "))));
  }
  return text;
}

std::optional<base::Timestamp> time_parameter(const HttpRequest& request, const std::string& name) {
  const auto text = parameter(request, name);
  const auto time = text ? base::parse_rfc3339(*text) : std::nullopt;
  if (text && !time) {
    refuse(texts::must_be(name, "a time as in RFC 3339, such as 2026-11-22T17:05:00Z"));
  }
  return time;
}

void read_times(const HttpRequest& request, std::optional<base::Timestamp>& from,
                std::optional<base::Timestamp>& to) {
  from = time_parameter(request, "from");
  to = time_parameter(request, "to");
  if (from && to && *from > *to) {
    refuse(texts::wrong_way_round("from", "to"));
  }
}

std::optional<std::int64_t> id_parameter(const HttpRequest& request, const std::string& name) {
  const auto text = parameter(request, name);
  const auto number = text ? whole(*text) : std::nullopt;
  if (text && (!number || *number < 1)) {
    refuse(texts::must_be(name, "a whole number of at least 1"));
  }
  return number;
}

std::optional<int> count_parameter(const HttpRequest& request, const std::string& name, int least, int most) {
  const auto text = parameter(request, name);
  const auto number = text ? whole(*text) : std::nullopt;
  if (text && (!number || *number < least || *number > most)) {
    refuse(texts::must_be(name, fmt::format("a whole number from {} to {}", least, most)));
  }
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<double> number_parameter(const HttpRequest& request, const std::string& name, double most,
                                       const char* what) {
  const auto text = parameter(request, name);
  const auto number = text ? decimal(*text) : std::nullopt;
  if (text && (!number || *number < 0 || *number > most)) {
    refuse(texts::must_be(name, what));
  }
  return number;
}

std::string address_parameter(const HttpRequest& request, const std::string& name) {
  const auto text = text_parameter(request, name);
  const auto colon = text.find(':');
  if (!text.empty() && (colon == std::string::npos || colon == 0 || colon + 1 == text.size())) {
    refuse(texts::must_be(name, "<section>:<id>"));
  }
  return text;
}

double threshold_parameter(const HttpRequest& request, const std::string& name) {
  constexpr const char* kWhat = "a number from 0 to 1";
  const auto number = number_parameter(request, name, 1, kWhat);
  if (!number) {
    refuse(texts::must_be(name, kWhat));
  }
  return *number;
}

int limit_of(const HttpRequest& request) {
  return static_cast<int>(
      std::min<std::int64_t>(id_parameter(request, "limit").value_or(kUsualLimit), kMostAtOnce));
}

std::optional<std::int64_t> below(const HttpRequest& request) {
  const auto text = parameter(request, "cursor");
  const auto id = text ? whole(*text) : std::nullopt;
  if (text && (!id || *id < 1)) {
    refuse(texts::must_be("cursor", "what an answer of the same list has in next"));
  }
  return id;
}

int days_of(const HttpRequest& request, int usual) {
  return count_parameter(request, "days", 1, kMostDays).value_or(usual);
}

}  // namespace bot::console

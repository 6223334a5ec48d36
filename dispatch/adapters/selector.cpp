#include "dispatch/adapters/selector.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace dispatch {
namespace {

/// Of many texts no more are put together; a single one may be longer.
constexpr std::size_t kMostText = 64 * 1024;

std::string as_text(const nlohmann::json& json) {
  return json.is_string() ? json.get<std::string>() : base::dump_json(json);
}

/// Some CLIs write their numbers in quotes.
std::optional<double> number_of(const nlohmann::json& json) {
  double number = 0;
  if (json.is_number()) {
    number = json.get<double>();
  } else if (const auto* text = json.get_ptr<const std::string*>()) {
    const auto digits = base::trim(*text);
    const auto* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, number);
    if (error != std::errc() || end != last) {
      return std::nullopt;
    }
  } else {
    return std::nullopt;
  }
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

}  // namespace

Selector::Path Selector::read_path(std::string_view text) {
  Path path;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('.', at), text.size());
    path.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return path;
}

std::optional<Selector> Selector::parse(std::string_view text) {
  Selector selector;
  std::istringstream words{std::string(text)};
  bool empty = true;
  for (std::string word; words >> word; empty = false) {
    const auto equals = word.find('=');
    const auto path = read_path(std::string_view(word).substr(0, equals));
    if (std::find(path.begin(), path.end(), "") != path.end()) {
      return std::nullopt;
    }
    if (equals != std::string::npos) {
      selector.conditions_.push_back({path, word.substr(equals + 1)});
    } else if (selector.has_value()) {
      return std::nullopt;
    } else {
      selector.value_ = path;
    }
  }
  return empty ? std::nullopt : std::optional(std::move(selector));
}

void Selector::visit(const nlohmann::json& json, const Path& path, std::size_t depth,
                     const std::function<void(const nlohmann::json&)>& take) {
  if (depth == path.size()) {
    take(json);
  } else if (path[depth] == "*") {
    if (json.is_structured()) {
      for (const auto& element : json) {
        visit(element, path, depth + 1, take);
      }
    }
  } else if (const auto* member = base::json_member(json, path[depth].c_str())) {
    visit(*member, path, depth + 1, take);
  }
}

bool Selector::matches(const nlohmann::json& event) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    bool holds = false;
    visit(event, condition.path, 0,
          [&](const nlohmann::json& json) { holds = holds || as_text(json) == condition.value; });
    return holds;
  });
}

std::optional<std::string> Selector::text(const nlohmann::json& event) const {
  std::optional<std::string> text;
  if (has_value() && matches(event)) {
    visit(event, value_, 0, [&](const nlohmann::json& json) {
      if (!json.is_null() && (!text || text->size() < kMostText)) {
        if (text) {
          *text += "\n";
        }
        text = std::move(text).value_or("") + as_text(json);
      }
    });
  }
  return text;
}

std::optional<double> Selector::sum(const nlohmann::json& event) const {
  std::optional<double> sum;
  if (has_value() && matches(event)) {
    visit(event, value_, 0, [&](const nlohmann::json& json) {
      if (const auto number = number_of(json)) {
        sum = sum.value_or(0) + *number;
      }
    });
  }
  return sum;
}

}  // namespace dispatch

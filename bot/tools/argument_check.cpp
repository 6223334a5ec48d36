#include "bot/tools/argument_check.h"

#include <algorithm>
#include <cmath>
#include <regex>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/tools/argument_times.h"

namespace bot::tools {
namespace {

using nlohmann::json;

std::string type_of(const json& value) {
  return value.is_string()    ? "string"
         : value.is_boolean() ? "boolean"
         : value.is_number()  ? "number"
         : value.is_array()   ? "array"
         : value.is_object()  ? "object"
                              : "null";
}

bool is_of(const json& value, const std::string& type) {
  if (type == "integer") {
    // 3.0 is one, too
    return value.is_number_integer() ||
           (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
  }
  return type == type_of(value);
}

/// The types that the schema of one argument allows; none where it does not say.
json types_in(const json& property) {
  const auto* const type = base::json_member(property, "type");
  return type == nullptr ? json::array() : type->is_array() ? *type : json::array({*type});
}

constexpr std::size_t kLongestTime = 32;
constexpr std::size_t kLongestPattern = 2'000;

/// Whether the schema of one argument takes no such text; a pattern that cannot be read takes all.
bool is_refused(const json& property, const std::string& text) {
  const auto format = base::json_text(property, "format");
  const auto pattern = base::json_text(property, "pattern");
  if (format == "date-time") {
    return !base::parse_rfc3339(text);
  }
  // Of short texts only: a pattern is a server's, and may need long for others.
  if (pattern.empty() || pattern.size() > kLongestPattern || text.size() > kLongestTime) {
    return false;
  }
  try {
    return !std::regex_search(text, std::regex(pattern, std::regex::ECMAScript));
  } catch (const std::regex_error&) {
    return false;
  }
}

/// "2026-12-01T11:00:00"
bool is_without_offset(const std::string& text) {
  return text.size() <= kLongestTime && moments_in(text, "", "UTC").instants.size() > 1;
}

std::string time_fault(const std::string& name, const json& property, const json& value) {
  const auto text = value.is_string() ? value.get<std::string>() : std::string();
  return is_without_offset(text) && is_refused(property, text)
             ? fmt::format("The argument \"{}\" must be written with the offset from UTC, such as {}.", name,
                           "2026-12-01T11:00:00+01:00")
             : "";
}

/// "end" for "start", "end_time" for "start_time"; empty for any other name.
std::string end_for(std::string name) {
  for (const auto& [begin, end] : {std::pair("start", "end"), {"Start", "End"}}) {
    if (const auto at = name.find(begin); at != std::string::npos) {
      return name.replace(at, std::string(begin).size(), end);
    }
  }
  return {};
}

/// An end before its start, by the first of what each may mean.
std::string order_fault(const json& given) {
  for (const auto& [name, value] : given.items()) {
    const auto* const other = base::json_member(given, end_for(name).c_str());
    if (other == nullptr || !other->is_string() || !value.is_string()) {
      continue;
    }
    const auto start = moments_in(value.get<std::string>(), zone_in(given), "UTC");
    const auto end = moments_in(other->get<std::string>(), zone_in(given), "UTC");
    if (!start.instants.empty() && start.instants.size() == end.instants.size() &&
        start.is_day == end.is_day && end.instants.front() < start.instants.front()) {
      return fmt::format("The argument \"{}\" lies before \"{}\".", end_for(name), name);
    }
  }
  return {};
}

}  // namespace

std::string argument_faults(const std::string& schema, const std::string& arguments) {
  const auto given = base::parse_json(arguments);
  if (!given || !given->is_object()) {
    return "The arguments must be one JSON object.";
  }
  const auto wanted = base::parse_json(schema).value_or(json::object());
  std::string faults;
  const auto add = [&](const std::string& fault) { faults += (faults.empty() ? "" : " ") + fault; };
  for (const auto& name : base::json_list(wanted, "required")) {
    if (name.is_string() && !given->contains(name.get<std::string>())) {
      add(fmt::format("The argument \"{}\" is missing.", name.get<std::string>()));
    }
  }
  for (const auto& [name, schema_of_it] : base::json_object(wanted, "properties").items()) {
    const auto* const value = base::json_member(*given, name.c_str());
    const auto types = types_in(schema_of_it);
    const bool fits = value == nullptr || types.empty() || std::ranges::any_of(types, [&](const json& type) {
                        return !type.is_string() || is_of(*value, type.get<std::string>());
                      });
    if (!fits) {
      add(fmt::format("The argument \"{}\" is of the type {} and must be {}.", name, type_of(*value),
                      base::dump_json(types)));
    }
    if (const auto fault = value == nullptr ? std::string() : time_fault(name, schema_of_it, *value);
        !fault.empty()) {
      add(fault);
    }
  }
  if (const auto fault = order_fault(*given); !fault.empty()) {
    add(fault);
  }
  return faults;
}

}  // namespace bot::tools

#include "bot/tools/argument_times.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/rfc3339.h"

namespace bot::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kMostTimes = 10;

/// The zone that stands in an object beside its times, as calendars have it.
std::string zone_in(const json& object) {
  for (const char* const key : {"timeZone", "timezone", "time_zone", "tz"}) {
    if (auto zone = base::json_text(object, key); base::is_time_zone(zone)) {
      return zone;
    }
  }
  return {};
}

/// "2026-12-01T11:00" or with seconds, as if it were UTC.
std::optional<base::Timestamp> time_without_offset(const std::string& text) {
  constexpr std::string_view kForm = "0000-00-00T00:00";
  const bool fits = text.size() >= kForm.size() &&
                    std::equal(kForm.begin(), kForm.end(), text.begin(), [](char form, char c) {
                      return form == '0' ? c >= '0' && c <= '9' : c == form;
                    });
  if (!fits) {
    return std::nullopt;
  }
  return base::parse_rfc3339(text + (text.size() == kForm.size() ? ":00Z" : "Z"));
}

/// The instant at which the clocks of the zone show `wall`, which is a time as if it were UTC.
base::Timestamp instant_at(base::Timestamp wall, const std::string& zone) {
  const auto near = wall - std::chrono::seconds(base::local_time(wall, zone).utc_offset_s);
  return wall - std::chrono::seconds(base::local_time(near, zone).utc_offset_s);
}

void collect(const json& value, const std::string& zone_beside, const std::string& timezone,
             std::vector<std::string>& times) {
  if (value.is_structured()) {
    const auto own = value.is_object() ? zone_in(value) : std::string();
    for (const auto& part : value) {
      collect(part, own.empty() ? zone_beside : own, timezone, times);
    }
    return;
  }
  if (!value.is_string() || times.size() >= kMostTimes) {
    return;
  }
  const auto text = value.get<std::string>();
  auto instant = base::parse_rfc3339(text);
  if (!instant) {
    const auto wall = time_without_offset(text);
    if (wall && zone_beside.empty()) {
      times.emplace_back("no zone is named");
    }
    instant = wall && !zone_beside.empty() ? std::optional(instant_at(*wall, zone_beside)) : std::nullopt;
  }
  if (instant) {
    times.push_back(base::format_minute(*instant, timezone) + " " + timezone);
  }
}

}  // namespace

std::string times_in(const json& value, const json& beside, const std::string& timezone) {
  std::vector<std::string> times;
  collect(value, zone_in(beside), timezone, times);
  return times.empty() ? "" : fmt::format(" ({})", fmt::join(times, ", "));
}

}  // namespace bot::tools

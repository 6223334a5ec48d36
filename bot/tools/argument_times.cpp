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
/// Less time than this is told to the second.
constexpr std::chrono::minutes kShort{2};

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

bool is_whole_day(const json& object) {
  for (const char* const key :
       {"wholeDay", "whole_day", "allDay", "all_day", "isAllDay", "is_all_day", "fullDay"}) {
    if (base::json_bool(object, key).value_or(false)) {
      return true;
    }
  }
  return false;
}

/// A day that is given as an instant: servers keep the one that it has by their own clock.
std::string days_in(const json& value, const std::string& zone_beside, const std::string& timezone) {
  const auto text = value.is_string() ? value.get<std::string>() : std::string();
  const auto times = moments_in(text, zone_beside, timezone);
  if (times.instants.empty()) {
    return {};
  }
  const auto day = [&](const std::string& zone) {
    return base::format_minute(times.instants.front(), zone).substr(0, 10);
  };
  const auto here = day(timezone);
  const auto by_utc = day("UTC");
  return here == by_utc || times.is_day ? fmt::format(" (the day {})", here)
                                        : fmt::format(" (the day {} {}, {} by UTC)", here, timezone, by_utc);
}

/// "20261201T130000Z" with its dashes and colons; any other text as it is.
std::string extended(const std::string& text) {
  constexpr std::string_view kForm = "00000000T000000";
  const bool is_basic = text.size() >= kForm.size() && text.size() <= kForm.size() + 1 &&
                        std::equal(kForm.begin(), kForm.end(), text.begin(), [](char form, char c) {
                          return form == '0' ? c >= '0' && c <= '9' : c == form;
                        });
  return !is_basic ? text
                   : text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 5) + ":" +
                         text.substr(11, 2) + ":" + text.substr(13);
}

/// Takes the name of a zone off the end of the text.
std::string take_zone(std::string& text) {
  const auto at = text.find_last_of(" [");
  if (at == std::string::npos || at == 0) {
    return {};
  }
  auto name = text.substr(at + 1);
  if (text[at] == '[' && !name.empty() && name.back() == ']') {
    name.pop_back();
  }
  if (!base::is_time_zone(name)) {
    return {};
  }
  text.resize(at);
  return name;
}

}  // namespace

std::string zone_in(const json& object) {
  for (const char* const key : {"timeZone", "timezone", "time_zone", "tz"}) {
    if (auto zone = base::json_text(object, key); base::is_time_zone(zone)) {
      return zone;
    }
  }
  return {};
}

bool Moments::may_be(const Moments& other) const {
  if (is_day != other.is_day) {
    const auto& days = is_day ? instants : other.instants;
    const auto& others = is_day ? other.instants : instants;
    return std::ranges::any_of(days, [&](base::Timestamp day) {
      return std::ranges::any_of(
          others, [&](base::Timestamp at) { return at >= day && at < day + std::chrono::hours(24); });
    });
  }
  return std::ranges::any_of(instants, [&](base::Timestamp at) {
    return std::ranges::find(other.instants, at) != other.instants.end();
  });
}

Moments moments_in(const std::string& text, const std::string& zone_beside, const std::string& timezone) {
  auto rest = text;
  const auto zone = take_zone(rest);
  rest = extended(rest);
  if (const auto instant = base::parse_rfc3339(rest)) {
    return {{*instant}, false};
  }
  const bool is_day = rest.size() == 10;
  if (rest.size() > 10 && rest[10] == ' ') {
    rest[10] = 'T';
  }
  // "+0100"
  if (rest.size() > 20 && (rest[rest.size() - 5] == '+' || rest[rest.size() - 5] == '-')) {
    if (const auto instant =
            base::parse_rfc3339(rest.substr(0, rest.size() - 2) + ":" + rest.substr(rest.size() - 2))) {
      return {{*instant}, false};
    }
  }
  const auto wall = time_without_offset(is_day ? rest + "T00:00" : rest);
  if (!wall) {
    return {};
  }
  if (const auto& named = zone.empty() ? zone_beside : zone; !named.empty()) {
    return {{instant_at(*wall, named)}, is_day};
  }
  return {{instant_at(*wall, timezone), *wall}, is_day};
}

std::string times_in(const json& value, const json& beside, const std::string& timezone) {
  if (is_whole_day(beside)) {
    return days_in(value, zone_in(beside), timezone);
  }
  std::vector<std::string> times;
  collect(value, zone_in(beside), timezone, times);
  return times.empty() ? "" : fmt::format(" ({})", fmt::join(times, ", "));
}

std::string deadline(base::Timestamp now, base::Timestamp until, const std::string& timezone) {
  const auto seconds =
      until - now < kShort ? fmt::format(":{:02}", base::local_time(until, timezone).second) : std::string();
  return fmt::format("{}{} ({})", base::format_minute(until, timezone), seconds, timezone);
}

}  // namespace bot::tools

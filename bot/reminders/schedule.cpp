#include "bot/reminders/schedule.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/reminders/zone_days.h"

namespace bot::reminders {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int kMinutesOfDay = 24 * 60;
constexpr int kFurthestDays = 40 * 366;

/// What may stand in a field.
struct Field {
  const char* name;
  int least;
  int most;
  std::string_view names;  ///< three letters each, the first stands for `least`
};
constexpr std::array<Field, 5> kFields = {{
    {"minute", 0, 59, ""},
    {"hour", 0, 23, ""},
    {"day of the month", 1, 31, ""},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"day of the week", 0, 7, "sunmontuewedthufrisat"},
}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find_first_of(separators, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 2 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  int value = 0;
  for (const char digit : text) {
    value = value * 10 + (digit - '0');
  }
  return value;
}

/// A number or a name of the field.
std::optional<int> value_of(std::string_view text, const Field& field) {
  if (text.size() == 3) {
    const auto at = field.names.find(base::ascii_lower(text));
    return at != std::string_view::npos && at % 3 == 0 ? std::optional(field.least + static_cast<int>(at / 3))
                                                       : std::nullopt;
  }
  const auto value = number(text);
  return value && *value >= field.least && *value <= field.most ? value : std::nullopt;
}

/// The bits of "*", "4", "1-5", "*/15", "8-18/2"; nothing for anything else.
std::optional<std::uint64_t> bits_of(std::string_view text, const Field& field) {
  const auto slash = text.find('/');
  const auto range = text.substr(0, slash);
  const auto step = slash == std::string_view::npos ? 1 : number(text.substr(slash + 1)).value_or(0);
  const auto dash = range.find('-');
  std::optional<int> first = field.least;
  std::optional<int> last = field.names.starts_with("sun") ? 6 : field.most;
  if (range != "*") {
    first = value_of(range.substr(0, dash), field);
    last = dash != std::string_view::npos    ? value_of(range.substr(dash + 1), field)
           : slash == std::string_view::npos ? first
                                             : last;
  }
  if (!first || !last || *first > *last || step < 1) {
    return std::nullopt;
  }
  std::uint64_t bits = 0;
  for (int value = *first; value <= *last; value += step) {
    bits |= std::uint64_t{1} << static_cast<unsigned>(value);
  }
  return bits;
}

bool has(std::uint64_t bits, unsigned value) {
  return ((bits >> value) & 1U) != 0;
}

}  // namespace

std::variant<Schedule, Schedule::Malformed> Schedule::parse(std::string_view text) {
  std::vector<std::string_view> fields = split(base::trim(text), " \t");
  std::erase(fields, "");
  if (fields.size() != kFields.size()) {
    return Malformed{fmt::format(
        "A schedule has five fields (minute, hour, day of the month, month, day of the week), not {}.",
        fields.size())};
  }
  std::array<std::uint64_t, 5> bits{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const auto part : split(fields[i], ",")) {
      const auto some = bits_of(part, kFields.at(i));
      if (!some) {
        return Malformed{fmt::format("\"{}\" is no {} of a schedule: {} to {}, ranges, lists and steps.",
                                     base::ellipsize(fields[i], 20), kFields.at(i).name, kFields.at(i).least,
                                     kFields.at(i).most)};
      }
      bits.at(i) |= *some;
    }
  }
  Schedule schedule;
  schedule.minutes_ = bits[0];
  schedule.hours_ = bits[1];
  schedule.days_ = bits[2];
  schedule.months_ = bits[3];
  schedule.weekdays_ = (bits[4] & 0x7FU) | (bits[4] >> 7U);
  schedule.any_day_ = fields[2].starts_with("*");
  schedule.any_weekday_ = fields[4].starts_with("*");
  return schedule;
}

bool Schedule::is_on(sys_days day) const {
  const std::chrono::year_month_day date(day);
  if (!has(months_, static_cast<unsigned>(date.month()))) {
    return false;
  }
  const bool day_fits = has(days_, static_cast<unsigned>(date.day()));
  const bool weekday_fits = has(weekdays_, std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? day_fits && weekday_fits : day_fits || weekday_fits;
}

bool Schedule::comes_every_hour() const {
  return hours_ == (std::uint64_t{1} << 24U) - 1;
}

std::optional<base::Timestamp> Schedule::first_on(sys_days day, base::Timestamp after,
                                                  const std::string& zone) const {
  const ZoneDay clocks(day, zone);
  std::optional<base::Timestamp> first;
  const auto consider = [&](base::Timestamp instant) {
    if (instant > after && (!first || instant < *first)) {
      first = instant;
    }
  };
  for (unsigned minute = 0; minute < kMinutesOfDay; ++minute) {
    if (!has(hours_, minute / 60) || !has(minutes_, minute % 60)) {
      continue;
    }
    const auto wall = std::chrono::sys_seconds(day) + std::chrono::minutes(minute);
    auto instants = clocks.instants_of(wall);
    if (!comes_every_hour()) {
      if (const auto end = instants.empty() ? clocks.end_of_gap(wall) : std::nullopt) {
        instants.push_back(*end);
      }
      instants.resize(std::min<std::size_t>(instants.size(), 1));
    }
    std::for_each(instants.begin(), instants.end(), consider);
  }
  return first;
}

std::optional<base::Timestamp> Schedule::next(base::Timestamp after, const std::string& zone) const {
  // Clocks that are set back over midnight show yesterday's times once more.
  const auto today = std::chrono::floor<days>(wall_time(after, zone));
  std::optional<base::Timestamp> first;
  std::optional<sys_days> found_on;
  for (auto day = today - days(1); day <= today + days(kFurthestDays); day += days(1)) {
    const auto on_this = is_on(day) ? first_on(day, after, zone) : std::nullopt;
    if (on_this && (!first || *on_this < *first)) {
      first = on_this;
    }
    if (found_on) {
      break;  // the day behind it was looked at, too
    }
    found_on = first ? std::optional(day) : std::nullopt;
  }
  return first;
}

std::chrono::minutes Schedule::shortest_pause() const {
  int first = -1;
  int last = -1;
  int shortest = kMinutesOfDay;
  for (int minute = 0; minute < kMinutesOfDay; ++minute) {
    if (!has(hours_, static_cast<unsigned>(minute / 60)) ||
        !has(minutes_, static_cast<unsigned>(minute % 60))) {
      continue;
    }
    shortest = last < 0 ? shortest : std::min(shortest, minute - last);
    first = first < 0 ? minute : first;
    last = minute;
  }
  return std::chrono::minutes(std::min(shortest, first + kMinutesOfDay - last));
}

}  // namespace bot::reminders

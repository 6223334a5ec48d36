#include "bot/demo/lookup.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "bot/demo/cities.h"
#include "bot/demo/words.h"

namespace bot::demo {
namespace {

constexpr const char* kWeekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};
constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};

std::string date_text(const base::LocalTime& time) {
  return fmt::format("{}, {} {} {}", kWeekdays[time.weekday], time.day, kMonths[time.month - 1], time.year);
}

/// "UTC+05:30"
std::string offset_text(int seconds) {
  const int minutes = std::abs(seconds) / 60;
  return fmt::format("UTC{}{:02}:{:02}", seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string time_sentence(const std::string& where, const std::string& tz, base::Timestamp now) {
  const auto time = base::local_time(now, tz);
  return fmt::format("It is {:02}:{:02} on {}{} ({}).", time.hour, time.minute, date_text(time), where,
                     offset_text(time.utc_offset_s));
}

/// The places that the text names, in its order; of overlapping names the longest ("new york", not "york").
std::vector<Place> places_in(const Words& words) {
  std::vector<std::pair<std::size_t, Place>> found;
  for (const auto& place : places()) {
    // "tell us the time" names no country.
    if (place.name == "us" && !words.has_any({"in us", "in the us"})) {
      continue;
    }
    if (const auto at = words.first({place.name}); at != Words::kNowhere) {
      found.emplace_back(at, place);
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second.name.size() > b.second.name.size();
  });
  std::vector<Place> kept;
  std::size_t covered = 0;
  for (const auto& [at, place] : found) {
    if (at >= covered) {
      kept.push_back(place);
      covered = at + place.name.size();
    }
  }
  return kept;
}

/// A zone that is named as such ("Europe/Zurich").
std::optional<std::string> named_zone(std::string_view text) {
  constexpr std::string_view kSeparators = " \t\n?!,;()\"'";
  while (!text.empty()) {
    const auto token = text.substr(0, text.find_first_of(kSeparators));
    if (token.find('/') != std::string_view::npos && base::is_time_zone(std::string(token))) {
      return std::string(token);
    }
    text.remove_prefix(std::min(text.size(), token.size() + 1));
  }
  return std::nullopt;
}

std::optional<std::string> time_answer(std::string_view text, const Words& words, base::Timestamp now,
                                       const std::string& tz) {
  if (!words.has_any({"what time is it", "whats the time", "what is the time", "what time it is",
                      "current time", "time is it", "time now", "local time", "the time in", "time in",
                      "have the time", "tell me the time"}) ||
      words.count() > 16 || words.has_any({"complexity", "difference", "limit", "zone", "zones"})) {
    return std::nullopt;
  }
  if (const auto zone = named_zone(text)) {
    return time_sentence(" in " + *zone, *zone, now);
  }
  std::string answer;
  for (const auto& place : places_in(words)) {
    answer += answer.empty() ? "" : "\n";
    answer += time_sentence(" in " + std::string(place.label), std::string(place.tz), now);
  }
  if (!answer.empty()) {
    return answer;
  }
  if (words.has_any({"time in", "time is it in", "time it is in", "now in", "time at", "is it in"}) &&
      !words.has_any({"in our", "in my", "in here", "at the moment"})) {
    return "I do not know that place: the demo has a list of well-known cities and countries. A time zone "
           "name such as `America/Halifax` works, too. Where you are: " +
           time_sentence("", tz, now);
  }
  return time_sentence("", tz, now);
}

struct Holiday {
  std::initializer_list<std::string_view> names;
  const char* label = "";
  unsigned month = 1;
  unsigned day = 1;
};

std::optional<std::string> holiday_answer(const Words& words, const base::LocalTime& today) {
  if (!words.has_any({"how many days", "how many sleeps", "days until", "days till", "days to", "days before",
                      "how long until", "how long till", "how long is it until", "how long to", "how far is",
                      "days left", "days are left"})) {
    return std::nullopt;
  }
  static const Holiday kHolidays[] = {
      {{"christmas eve"}, "Christmas Eve", 12, 24},
      {{"christmas", "xmas"}, "Christmas", 12, 25},
      {{"new years eve", "new year s eve"}, "New Year's Eve", 12, 31},
      {{"new year", "new years", "new years day", "newyear"}, "New Year", 1, 1},
      {{"halloween"}, "Halloween", 10, 31},
      {{"valentines", "valentines day", "valentine"}, "Valentine's Day", 2, 14},
  };
  using std::chrono::sys_days, std::chrono::year, std::chrono::month, std::chrono::day;
  const sys_days from(year(today.year) / month(static_cast<unsigned>(today.month)) /
                      day(static_cast<unsigned>(today.day)));
  for (const auto& holiday : kHolidays) {
    if (!words.has_any(holiday.names)) {
      continue;
    }
    sys_days to(year(today.year) / month(holiday.month) / day(holiday.day));
    if (to < from) {
      to = sys_days(year(today.year + 1) / month(holiday.month) / day(holiday.day));
    }
    const auto days = (to - from).count();
    if (days == 0) {
      return fmt::format("{} is today.", holiday.label);
    }
    return fmt::format("{} {} until {}. Today is {}.", days, days == 1 ? "day" : "days", holiday.label,
                       date_text(today));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> look_up(std::string_view text, base::Timestamp now, const std::string& tz) {
  if (auto sum = answer_sum(text)) {
    return sum;
  }
  const Words words(text);
  const auto today = base::local_time(now, tz);
  if (auto holiday = holiday_answer(words, today)) {
    return holiday;
  }
  if (auto time = time_answer(text, words, now, tz)) {
    return time;
  }
  if (words.count() <= 12 &&
      words.has_any({"whats the date", "what is the date", "todays date", "date today", "what day is it",
                     "which day is it", "what day is today", "which day is today", "what date", "the date is",
                     "what day of the week", "what year is it", "what month is it", "weekday is it",
                     "current date"})) {
    return "Today is " + date_text(today) + ".";
  }
  return std::nullopt;
}

}  // namespace bot::demo

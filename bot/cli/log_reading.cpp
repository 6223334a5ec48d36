#include "bot/cli/log_reading.h"

#include <charconv>
#include <sstream>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "bot/runs/shell_log.h"
#include "store/existing_database.h"

namespace bot::cli {
namespace {

/// The age "7d", "24h" or "30m".
std::optional<std::chrono::minutes> age_of(const std::string& text) {
  long number = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr + 1 != end || number < 0 || number >= 100'000) {
    return std::nullopt;
  }
  switch (*parsed.ptr) {
    case 'd':
      return std::chrono::hours(24 * number);
    case 'h':
      return std::chrono::hours(number);
    case 'm':
      return std::chrono::minutes(number);
    default:
      return std::nullopt;
  }
}

/// When the day of that name began in the zone.
std::optional<base::Timestamp> day_of(const std::string& text, base::Timestamp now, const std::string& zone) {
  if (text == "today") {
    return base::start_of_day(now, zone);
  }
  if (text == "yesterday") {
    return base::start_of_day(base::start_of_day(now, zone) - std::chrono::hours(12), zone);
  }
  std::tm written{};
  const auto* rest = ::strptime(text.c_str(), "%Y-%m-%d", &written);
  if (rest == nullptr || *rest != '\0') {
    return std::nullopt;
  }
  const auto date = std::chrono::year(written.tm_year + 1900) / (written.tm_mon + 1) / written.tm_mday;
  if (!date.ok()) {  // strptime takes 2026-02-31
    return std::nullopt;
  }
  constexpr std::chrono::hours kNoon{12};
  const base::Timestamp noon = std::chrono::sys_days(date) + kNoon;
  return base::start_of_day(noon - std::chrono::seconds(base::local_time(noon, zone).utc_offset_s), zone);
}

/// What can never match is no question. Throws base::ConfigError.
void require_name(const char* flag, const std::string& text, bool section_alone) {
  const auto colon = text.find(':');
  const bool whole = colon == std::string::npos ? section_alone : colon > 0 && colon + 1 < text.size();
  if (!text.empty() && !whole) {
    throw base::ConfigError(fmt::format("{}: \"{}\" is not {}SECTION:ID, such as tg:12345678", flag, text,
                                        section_alone ? "SECTION or " : ""));
  }
}

}  // namespace

base::Timestamp time_of(const char* flag, const std::string& text, DayEnd of_day, const std::string& zone) {
  const auto now = base::SystemClock().now();
  if (const auto age = age_of(text)) {
    return now - *age;
  }
  if (const auto day = day_of(text, now, zone)) {
    return of_day == DayEnd::end ? base::start_of_day(*day + std::chrono::hours(36), zone) : *day;
  }
  if (const auto time = base::parse_rfc3339(text)) {
    return *time;
  }
  throw base::ConfigError(fmt::format(
      "{}: \"{}\" is no time; write a date such as 2026-11-22, yesterday, an age such as 7d, 24h or 30m, "
      "or 2026-11-22T17:05:00Z",
      flag, text));
}

runtime::ShellSettings load_quietly(const std::string& config) {
  base::set_log_level(base::LogLevel::warning);
  return runtime::load_shell_settings(config);
}

OpenLog::OpenLog(const LogOptions& options)
    : settings(load_quietly(options.config)), db(store::open_existing(settings.database)), view(db) {
  runs::settle_lost_shell_runs(db, settings.dispatch.projects_dir);
}

store::LogFilter filter_of(const LogOptions& options, int limit, const std::string& zone) {
  require_name("--chat", options.chat, true);
  require_name("--user", options.user, false);
  store::LogFilter filter{options.chat, options.project, options.outcome, {}, limit};
  filter.user = options.user;
  filter.words = words_of(options.words);
  if (!options.since.empty()) {
    filter.since = time_of("--since", options.since, DayEnd::begin, zone);
  }
  if (!options.until.empty()) {
    filter.until = time_of("--until", options.until, DayEnd::end, zone);
  }
  if (filter.since && filter.until && *filter.since >= *filter.until) {
    throw base::ConfigError(
        fmt::format("--since: {} is not before --until {}", options.since, options.until));
  }
  return filter;
}

std::vector<std::string> words_of(const std::vector<std::string>& texts) {
  std::vector<std::string> words;
  for (const auto& text : texts) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) {
      words.push_back(word);
    }
  }
  return words;
}

}  // namespace bot::cli

#include "bot/cli/log_reading.h"

#include <charconv>
#include <sstream>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "bot/runs/shell_log.h"

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

/// When the day of that name began on this machine.
std::optional<base::Timestamp> day_of(const std::string& text, base::Timestamp now) {
  if (text == "today") {
    return base::start_of_day(now, "");
  }
  if (text == "yesterday") {
    return base::start_of_day(base::start_of_day(now, "") - std::chrono::hours(12), "");
  }
  std::tm day{};
  const auto* rest = ::strptime(text.c_str(), "%Y-%m-%d", &day);
  if (rest == nullptr || *rest != '\0') {
    return std::nullopt;
  }
  day.tm_isdst = -1;
  return base::from_unix_ms(static_cast<std::int64_t>(::mktime(&day)) * 1000);
}

}  // namespace

base::Timestamp time_of(const char* flag, const std::string& text, bool to_end_of_day) {
  const auto now = base::SystemClock().now();
  if (const auto age = age_of(text)) {
    return now - *age;
  }
  if (const auto day = day_of(text, now)) {
    return to_end_of_day ? base::start_of_day(*day + std::chrono::hours(36), "") : *day;
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
    : settings(load_quietly(options.config)), db(settings.database), view(db) {
  runs::settle_lost_shell_runs(db, settings.dispatch.projects_dir);
}

store::LogFilter filter_of(const LogOptions& options, int limit) {
  store::LogFilter filter{options.chat, options.project, options.outcome, {}, limit};
  filter.user = options.user;
  filter.words = words_of(options.words);
  if (!options.since.empty()) {
    filter.since = time_of("--since", options.since, false);
  }
  if (!options.until.empty()) {
    filter.until = time_of("--until", options.until, true);
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

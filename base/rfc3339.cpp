#include "base/rfc3339.h"

#include <array>
#include <cstdio>

#include <fmt/core.h>

namespace base {
namespace {

constexpr int kMillisecondDigits = 3;

/// Takes so many digits off the text; nothing where they are not there.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  const bool found = !text.empty() && any_of.find(text.front()) != std::string_view::npos;
  text.remove_prefix(found ? 1 : 0);
  return found;
}

/// The fraction of a second, where there is one.
std::chrono::milliseconds take_fraction(std::string_view& text) {
  int ms = 0;
  for (int digits = 0; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    if (++digits <= kMillisecondDigits) {
      ms += (text.front() - '0') * (digits == 1 ? 100 : digits == 2 ? 10 : 1);
    }
  }
  return std::chrono::milliseconds(ms);
}

/// The whole rest as an offset from UTC.
std::optional<std::chrono::minutes> offset_of(std::string_view text) {
  if (text == "Z" || text == "z") {
    return std::chrono::minutes(0);
  }
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) {
    return std::nullopt;
  }
  const auto hours = take_number(text, 2);
  const auto minutes = hours && take(text, ":") ? take_number(text, 2) : std::nullopt;
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return std::chrono::minutes((west ? -1 : 1) * (*hours * 60 + *minutes));
}

}  // namespace

std::string format_rfc3339(Timestamp time) {
  const auto t = local_time(time, "UTC");
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.year, t.month, t.day, t.hour, t.minute,
                     t.second, ((to_unix_ms(time) % 1000) + 1000) % 1000);
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  std::array<int, 6> parts{};
  constexpr std::array<const char*, 6> kBefore = {"", "-", "-", "Tt ", ":", ":"};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number =
        i == 0 || take(text, kBefore.at(i)) ? take_number(text, i == 0 ? 4 : 2) : std::nullopt;
    if (!number) {
      return std::nullopt;
    }
    parts.at(i) = *number;
  }
  const auto fraction = take(text, ".") ? take_fraction(text) : std::chrono::milliseconds(0);
  const auto offset = offset_of(text);
  const auto [year, month, day, hour, minute, second] = parts;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!offset || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + fraction - *offset;
}

}  // namespace base

#include "bot/reminders/asked_time.h"

#include <cstdlib>
#include <optional>

#include <fmt/core.h>

#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/reminders/zone_days.h"

namespace bot::reminders {
namespace {

/// RFC 3339 has four digits for it.
constexpr int kLastYear = 9999;

std::string offset_text(std::chrono::seconds offset) {
  const auto minutes = std::abs(std::chrono::duration_cast<std::chrono::minutes>(offset).count());
  return fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::chrono::seconds offset_in(base::Timestamp time, const std::string& zone) {
  return std::chrono::seconds(base::local_time(time, zone).utc_offset_s);
}

/// Whether the zone has that offset at some time of the year around `time`.
bool is_of_other_season(std::chrono::seconds offset, base::Timestamp time, const std::string& zone) {
  constexpr std::chrono::hours kMonth{30 * 24};
  for (int month = -6; month <= 6; ++month) {
    if (offset_in(time + month * kMonth, zone) == offset) {
      return true;
    }
  }
  return false;
}

/// Why the clocks of the zone do not show `wall` as whoever wrote it at `offset` thinks; nothing: they do.
std::optional<std::string> mistaken(base::Timestamp time, std::chrono::seconds offset,
                                    const std::string& zone) {
  if (offset != offset_in(time, zone) && !is_of_other_season(offset, time, zone)) {
    return std::nullopt;  // it is meant in another zone
  }
  constexpr const char* kInUtc = "If the person has said which, give the time in UTC, with \"Z\".";
  const auto wall = std::chrono::floor<std::chrono::seconds>(time) + offset;
  const ZoneDay clocks(std::chrono::floor<std::chrono::days>(wall), zone);
  const auto instants = clocks.instants_of(wall);
  const auto shown = base::format_minute(wall, "UTC");
  if (instants.size() > 1) {
    return fmt::format(
        "In {} the clocks are set back that day and show {} twice: first at offset {}, then at {}. Ask the person "
        "which is meant. {}",
        zone, shown, offset_text(offset_in(instants[0], zone)), offset_text(offset_in(instants[1], zone)),
        kInUtc);
  }
  if (instants.empty()) {
    const auto end = clocks.end_of_gap(wall);
    return fmt::format(
        "In {} there is no {}: the clocks are set forward over it, to {}. Ask the person what is meant. {}",
        zone, shown, end ? base::format_minute(*end, zone) : "a later time", kInUtc);
  }
  if (offset != offset_in(time, zone)) {
    return fmt::format("On that day {} has the offset {}, not {}: {} there is {}. {}", zone,
                       offset_text(offset_in(instants[0], zone)), offset_text(offset), shown,
                       rfc3339_in(instants[0], zone),
                       "Give it so, or in UTC, with \"Z\", if another zone is meant.");
  }
  return std::nullopt;
}

}  // namespace

std::string rfc3339_in(base::Timestamp time, const std::string& zone) {
  const auto t = base::local_time(time, zone);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}", t.year, t.month, t.day, t.hour, t.minute,
                     t.second, offset_text(std::chrono::seconds(t.utc_offset_s)));
}

std::string in_words(base::Timestamp time, const std::string& zone) {
  const auto second = base::local_time(time, zone).second;
  return base::format_minute(time, zone) + (second == 0 ? "" : fmt::format(":{:02}", second));
}

std::variant<base::Timestamp, NoTime> asked_time(const std::string& text, const std::string& zone,
                                                 base::Timestamp now) {
  const auto trimmed = std::string(base::trim(text));
  const auto time = base::parse_rfc3339(trimmed);
  if (!time) {
    return NoTime{fmt::format(
        "\"at\" must be a time by RFC 3339 with its offset, such as \"{}\", which is the time now in {}.",
        rfc3339_in(now, zone), zone)};
  }
  if (*time <= now) {
    return NoTime{fmt::format("That time has passed: it is now {} in {}.", rfc3339_in(now, zone), zone)};
  }
  if (base::local_time(*time, zone).year > kLastYear) {
    return NoTime{
        fmt::format("\"at\" lies beyond the year {} in {}; nothing can be set so late.", kLastYear, zone)};
  }
  const bool in_utc = trimmed.ends_with('Z') || trimmed.ends_with('z');
  // The offset that was written is the difference to the same clock reading in UTC.
  const auto as_utc =
      in_utc ? std::nullopt : base::parse_rfc3339(trimmed.substr(0, trimmed.size() - 6) + "Z");
  if (as_utc) {
    const auto offset = std::chrono::duration_cast<std::chrono::seconds>(*as_utc - *time);
    if (auto why = mistaken(*time, offset, zone)) {
      return NoTime{*std::move(why)};
    }
  }
  return *time;
}

}  // namespace bot::reminders

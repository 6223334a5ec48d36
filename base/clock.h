#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace base {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// The current time. Injected wherever a decision depends on it, so that tests can move it.
/// Thread rule: every implementation may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall-clock time in UTC.
  virtual Timestamp now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

/// Milliseconds since the Unix epoch, the form in which times are stored.
std::int64_t to_unix_ms(Timestamp time);
Timestamp from_unix_ms(std::int64_t ms);

/// The offset from UTC and the abbreviation that the zone `tz` (IANA name; empty: the machine's) has at
/// `time`. Sources: tzdata through the C library. An unknown name behaves as UTC, so check it with
/// is_time_zone().
struct LocalTime {
  int year, month, day, hour, minute, second;
  int weekday;  ///< 0 is Sunday
  int utc_offset_s;
  std::string abbreviation;
};
LocalTime local_time(Timestamp time, const std::string& tz);

/// Whether `tz` is a zone of the machine's tzdata, such as "Europe/Zurich" or "UTC".
bool is_time_zone(const std::string& tz);

/// The zone that a person means: its name in any case, with blanks for underscores, or its city alone ("new
/// york") where no other zone has it; as tzdata spells it. Nothing where there is none.
std::optional<std::string> time_zone_named(std::string_view words);

/// The machine's own zone name ("Europe/Zurich"), or "UTC" where that is not known.
std::string machine_time_zone();

/// "2026-11-22 17:05" in that zone.
std::string format_minute(Timestamp time, const std::string& tz);

/// The instant at which the local day that contains `time` began.
Timestamp start_of_day(Timestamp time, const std::string& tz);

/// "45 s", "2 m 10 s", "1 h 5 m".
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace base

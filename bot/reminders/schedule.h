#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace bot::reminders {

/// Times that come again and again, as five cron fields say: minute, hour, day of the month, month, day of
/// the week. Each is "*", a number, a range "1-5", one of these with a step "*/15", or a list of such; months
/// and days of the week may be named by three letters, Sunday is 0 or 7. Where both days are restricted,
/// either of them counts. Thread rule: any.
class Schedule {
 public:
  struct Malformed {
    std::string why;  ///< one sentence for whoever wrote it
  };
  static std::variant<Schedule, Malformed> parse(std::string_view fields);

  /// The first of them after `after`, by the clocks of the zone. A time that the clocks are set forward over
  /// comes right after that; one that they are set back over comes once. What comes every hour keeps its
  /// pace instead. Nothing where there is none in the next forty years.
  std::optional<base::Timestamp> next(base::Timestamp after, const std::string& zone) const;

  /// The shortest time between two of them.
  std::chrono::minutes shortest_pause() const;

 private:
  bool is_on(std::chrono::sys_days day) const;
  std::optional<base::Timestamp> first_on(std::chrono::sys_days day, base::Timestamp after,
                                          const std::string& zone) const;
  bool comes_every_hour() const;

  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  ///< a bit for each number
  bool any_day_ = false, any_weekday_ = false;  ///< the field began with "*"
};

}  // namespace bot::reminders

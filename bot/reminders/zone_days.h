#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bot::reminders {

/// Seconds of a wall clock, as if they were of UTC.
using WallSeconds = std::chrono::sys_seconds;

/// The time around one day in a zone, where its clocks may be set forward and back. Thread rule: any.
class ZoneDay {
 public:
  /// `zone` as in base::local_time().
  ZoneDay(std::chrono::sys_days day, const std::string& zone);

  /// The instants at which the clocks of that zone show that time, which is on that day: one; two where they
  /// are set back over it; none where they are set forward over it.
  std::vector<base::Timestamp> instants_of(WallSeconds wall) const;
  /// The first instant after the gap in which that time lies, where there is none of it.
  std::optional<base::Timestamp> end_of_gap(WallSeconds wall) const;

 private:
  /// From then on the zone has that offset from UTC.
  struct Period {
    std::chrono::sys_seconds begin;
    std::chrono::seconds offset;
  };
  std::vector<Period> periods_;
};

/// What the clocks of the zone show.
WallSeconds wall_time(base::Timestamp time, const std::string& zone);

}  // namespace bot::reminders

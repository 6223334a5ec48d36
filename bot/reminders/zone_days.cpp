#include "bot/reminders/zone_days.h"

namespace bot::reminders {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::sys_seconds;

/// No zone ever was further from UTC.
constexpr hours kFurthest{16};

seconds offset_at(sys_seconds time, const std::string& zone) {
  return seconds(base::local_time(time, zone).utc_offset_s);
}

/// The first instant after `begin` at which the offset is not that of `begin`; at `end` it is another one.
sys_seconds next_change(sys_seconds begin, sys_seconds end, const std::string& zone) {
  const auto offset = offset_at(begin, zone);
  while (end - begin > seconds(1)) {
    const auto middle = begin + (end - begin) / 2;
    (offset_at(middle, zone) == offset ? begin : end) = middle;
  }
  return end;
}

}  // namespace

ZoneDay::ZoneDay(std::chrono::sys_days day, const std::string& zone) {
  const sys_seconds end = sys_seconds(day) + hours(24) + kFurthest;
  const auto last = offset_at(end, zone);
  Period period{sys_seconds(day) - kFurthest, {}};
  period.offset = offset_at(period.begin, zone);
  periods_.push_back(period);
  // A zone changes its offset once in two days at most, and not back to what it was.
  while (period.offset != last) {
    period.begin = next_change(period.begin, end, zone);
    period.offset = offset_at(period.begin, zone);
    periods_.push_back(period);
  }
}

std::vector<base::Timestamp> ZoneDay::instants_of(WallSeconds wall) const {
  std::vector<base::Timestamp> found;
  for (std::size_t i = 0; i < periods_.size(); ++i) {
    const auto instant = wall - periods_[i].offset;
    if (instant >= periods_[i].begin && (i + 1 == periods_.size() || instant < periods_[i + 1].begin)) {
      found.emplace_back(instant);
    }
  }
  return found;
}

std::optional<base::Timestamp> ZoneDay::end_of_gap(WallSeconds wall) const {
  for (std::size_t i = 1; i < periods_.size(); ++i) {
    const auto change = periods_[i].begin;
    if (wall >= change + periods_[i - 1].offset && wall < change + periods_[i].offset) {
      return change;
    }
  }
  return std::nullopt;
}

WallSeconds wall_time(base::Timestamp time, const std::string& zone) {
  const auto second = std::chrono::floor<seconds>(time);
  return second + offset_at(second, zone);
}

}  // namespace bot::reminders

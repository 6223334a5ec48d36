#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace base {

/// The steps of a message's way at which a test lets the real program die (docs/developing.md). The text of
/// each is in crash_point.cpp.
enum class CrashPoint {
  message_parsed,
  message_storing,
  message_stored,
  turn_claimed,
  turn_asking,
  draft_begun,
  draft_sent,
  turn_answered,
  turn_settling,
  turn_settled,
  run_claimed,
  run_locked,
  run_beginning,
  run_begun,
  run_ended,
  run_kept,
  run_settling,
  run_settled,
  approval_asking,
  approval_asked,
  approval_answered,
  approval_passed,
  delivery_claimed,
  delivery_marked,
  part_marked,
  part_sent,
  part_kept,
  delivery_settling,
  delivery_settled,
  reminder_claimed,
  reminder_settling,
  reminder_settled,
  recovering,
  recovered
};

namespace detail {
extern const bool crash_points_armed;
void pass(CrashPoint point, std::int64_t ref);
}  // namespace detail

/// Dies here if FRONTDESK_CRASH_AT says so; it is read once, when the program starts, and without it this is
/// a look at a constant. `ref` is the row that the step is about. Any thread.
inline void crash_point(CrashPoint point, std::int64_t ref = 0) {
  if (detail::crash_points_armed) {
    detail::pass(point, ref);
  }
}

/// The text of the point, "turn-claimed".
std::string_view to_string(CrashPoint point);

}  // namespace base

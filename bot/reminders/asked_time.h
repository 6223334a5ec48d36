#pragma once

#include <string>
#include <variant>

#include "base/clock.h"

namespace bot::reminders {

/// No time that somebody can be reminded at; why, for the model, which may ask the person.
struct NoTime {
  std::string why;
};

/// The instant of an RFC 3339 text as a model writes it for somebody in that zone. What it may have taken for
/// another time is refused: one that has passed, one that the clocks there show twice or not at all, and one
/// with the offset of the other half of the year. In UTC, with "Z", only the past is refused.
std::variant<base::Timestamp, NoTime> asked_time(const std::string& text, const std::string& zone,
                                                 base::Timestamp now);

/// "2026-11-28T15:00:00+01:00".
std::string rfc3339_in(base::Timestamp time, const std::string& zone);
/// "2026-11-28 15:00", with seconds where there are any.
std::string in_words(base::Timestamp time, const std::string& zone);

}  // namespace bot::reminders

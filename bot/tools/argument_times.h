#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"

namespace bot::tools {

/// " (2026-12-01 12:00 Europe/Zurich)": every time that stands anywhere in `value`, by the clock of that
/// zone; empty where there is none. A time without an offset is that of the zone which is named beside it, in
/// `value` or in `beside`; where none is, it is said so.
std::string times_in(const nlohmann::json& value, const nlohmann::json& beside, const std::string& timezone);

/// The zone that stands in an object beside its times, as calendars have it; empty where none does.
std::string zone_in(const nlohmann::json& object);

/// What a text that is a time may mean: more than one instant where no zone is named.
struct Moments {
  std::vector<base::Timestamp> instants;  ///< empty: the text is no time
  bool is_day = false;                    ///< a date alone, which begins at these
  bool may_be(const Moments& other) const;
};

/// As calendars write it: "2026-12-01T14:00:00+01:00", "2026-12-01 14:00", "20261201T130000Z", "2026-12-24",
/// a zone behind it ("Europe/Berlin", "[Europe/Berlin]", "UTC"). `zone_beside`: what is named beside it, or
/// empty.
Moments moments_in(const std::string& text, const std::string& zone_beside, const std::string& timezone);

/// Until when a person may answer, as they read it, with the zone; to the second where it is soon.
std::string deadline(base::Timestamp now, base::Timestamp until, const std::string& timezone);

}  // namespace bot::tools

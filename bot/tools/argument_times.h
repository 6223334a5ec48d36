#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bot::tools {

/// " (2026-12-01 12:00 Europe/Zurich)": every time that stands anywhere in `value`, by the clock of that
/// zone; empty where there is none. A time without an offset is that of the zone which is named beside it, in
/// `value` or in `beside`; where none is, it is said so.
std::string times_in(const nlohmann::json& value, const nlohmann::json& beside, const std::string& timezone);

}  // namespace bot::tools

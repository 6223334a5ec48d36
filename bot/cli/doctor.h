#pragma once

#include <iosfwd>

#include "bot/chat/capabilities.h"
#include "bot/runtime/settings.h"

namespace bot::cli {

/// Prints what each check of bot/doctor finds, one line each: "ok", "warn" or "FAIL", what was checked, and
/// what to do. With Repair::yes the platforms first set up what they can. False
/// if any failed.
bool run_doctor(const runtime::Flags& flags, chat::Repair repair, std::ostream& out);

}  // namespace bot::cli

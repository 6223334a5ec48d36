#pragma once

#include <iosfwd>

#include "bot/chat/capabilities.h"
#include "bot/runtime/settings.h"

namespace bot::cli {

/// Checks configuration, database, secretary model, specialist, projects folder, disk, platforms and sandbox;
/// one line each: "ok", "warn" or "FAIL", what, and what to do. False if any failed.
bool run_doctor(const runtime::Flags& flags, chat::Repair repair, std::ostream& out);

}  // namespace bot::cli

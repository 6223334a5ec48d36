#pragma once

#include <string>

#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/ids.h"

namespace bot::access {

/// The zone whose clock the person goes by, an IANA name: what they said, else `secretary.timezone`.
std::string time_zone_of(const runtime::Services& services, store::Database& db, store::PersonId person);

}  // namespace bot::access

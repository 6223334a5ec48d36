#pragma once

#include "bot/runtime/metrics.h"
#include "bot/runtime/services.h"
#include "store/database.h"

namespace bot::reporting {

/// What `GET /metrics` tells of the database at this moment. Throws what the database throws.
runtime::Metrics::Gauges gauges(runtime::Services& services, store::Database& db);

}  // namespace bot::reporting

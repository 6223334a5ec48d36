#pragma once

#include "router/scoring/calibration.h"
#include "store/database.h"

namespace bot::runtime {

/// The calibration in force, and none where there is none or it cannot be read. Thread rule: that of the
/// Database.
router::Calibration calibration_in_force(store::Database& db);

}  // namespace bot::runtime

#include "bot/runtime/calibration.h"

#include "base/log.h"
#include "store/routing_log.h"

namespace bot::runtime {

router::Calibration calibration_in_force(store::Database& db) {
  store::RoutingLog log(db);
  const auto version = log.calibration();
  const auto bytes = version ? log.model(*version) : std::nullopt;
  if (!bytes) {
    return {};
  }
  auto calibration = router::Calibration::parse(*bytes);
  if (!calibration) {
    base::log_error("the calibration {} cannot be read; p is not calibrated", *version);
    return {};
  }
  return *calibration;
}

}  // namespace bot::runtime

#include "bot/runs/end_write.h"

#include <tuple>

#include "base/log.h"
#include "base/wait.h"
#include "store/disk_reserve.h"

namespace bot::runs {
namespace {

constexpr std::chrono::seconds kPause{1};

}  // namespace

void write_the_end(store::Database& db, const std::string& what, const std::stop_token& stop,
                   const std::function<void()>& write) {
  for (bool first = true;; first = false) {
    try {
      write();
      return;
    } catch (const std::exception& e) {
      if (first) {
        base::log_error("{} cannot be written: {}", what, e.what());
      }
      if (store::DiskReserve(db.path()).give_up()) {
        base::log_warning("{}: the reserve beside the database is given up; make room on its disk", what);
        continue;
      }
      if (stop.stop_requested()) {
        throw;
      }
    }
    std::ignore = base::wait_for(kPause, stop);
  }
}

void hold_reserve(const store::Database& db) {
  if (!store::DiskReserve(db.path()).hold()) {
    base::log_warning("the disk of the database is nearly full: no room is kept there for the end of runs");
  }
}

}  // namespace bot::runs

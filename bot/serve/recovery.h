#pragma once

#include <memory>
#include <vector>

#include "base/fault.h"
#include "bot/runtime/services.h"
#include "bot/runtime/worker.h"
#include "bot/serve/solo_runs.h"
#include "store/database.h"

namespace bot::serve {

/// What is done about the end of the process before this one (decision 0015), and what is noted for the one
/// after it. Thread rule: one thread, except note_memory_kills().
class Recovery {
 public:
  Recovery(runtime::Services& services, std::vector<std::unique_ptr<runtime::Worker>>& workers)
      : services_(services),
        faults_(services.settings.database.string() + ".fault"),
        solo_runs_(services, workers) {}

  /// Makes what the earlier process was at ready again, in one transaction, and tells the chats what was
  /// interrupted often. From then on this process leaves a mark where it dies of its own fault.
  void recover(store::Database& db);
  /// At once, or behind those that run alone; never waits.
  void start_workers() { solo_runs_.start(); }
  /// Nobody starts any more.
  void stop() { solo_runs_.stop(); }
  /// Any thread: after a child has ended, which may have been killed for want of memory.
  void note_memory_kills() { faults_.note_memory_kills(); }

 private:
  runtime::Services& services_;
  base::FaultMark faults_;
  SoloRuns solo_runs_;
};

}  // namespace bot::serve

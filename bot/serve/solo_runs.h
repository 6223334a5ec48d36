#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/runtime/worker.h"

namespace bot::serve {

/// Starts the workers; where there are suspects (decision 0015), only after each of them has run alone, one
/// by one, so that a further death of the program proves that it was that one. Thread rule: one thread.
class SoloRuns {
 public:
  SoloRuns(runtime::Services& services, std::vector<std::unique_ptr<runtime::Worker>>& workers)
      : services_(services), workers_(workers) {}

  /// Returns at once.
  void start();
  /// Nobody starts any more; the workers are still to be stopped.
  void stop();

 private:
  void run(const std::stop_token& stop, const std::vector<store::Job>& suspects);
  /// Whether the job came to its end within its time alone.
  bool run_alone(const std::stop_token& stop, const store::Job& job);
  void start_workers();
  store::Database open() const;

  runtime::Services& services_;
  std::vector<std::unique_ptr<runtime::Worker>>& workers_;
  std::jthread thread_;
};

}  // namespace bot::serve

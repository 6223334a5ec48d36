#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace base {

/// Wakes waiting workers early. It only shortens a wait: the database says what there is to do.
/// Thread rule: any thread may notify and wait.
class Notifier {
 public:
  void notify();

  /// Returns after a notification that came since `seen`, after `timeout`, or on stop; the result is the next
  /// `seen`. Read the starting value with `count()` before looking at the table, so that none is missed.
  std::uint64_t wait(std::uint64_t seen, std::chrono::milliseconds timeout, std::stop_token stop);

  std::uint64_t count();

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t notifications_ = 0;
};

}  // namespace base

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

namespace base {

/// Wakes waiting workers early, for each kind of work by a bell of its own. It only shortens a wait: the
/// database says what there is to do. Thread rule: any thread may notify and wait.
class Notifier {
 public:
  /// There are so many more pieces of work of that kind: wakes as many of those that wait for it, not all.
  void notify(const std::string& kind, int pieces = 1);
  /// Wakes everybody who waits for any kind.
  void notify_all();

  /// Returns after a notification of that kind that came since `seen`, after `timeout`, or on stop; the
  /// result is the next `seen`. Read the starting value with `count()` before looking at the table, so that
  /// none is missed.
  std::uint64_t wait(const std::string& kind, std::uint64_t seen, std::chrono::milliseconds timeout,
                     std::stop_token stop);

  /// How often that kind was notified.
  std::uint64_t count(const std::string& kind);

 private:
  struct Bell {
    std::condition_variable_any rung;
    std::uint64_t notifications = 0;
    int waiting = 0;
  };

  std::mutex mutex_;
  std::map<std::string, Bell> bells_;  ///< never erased, so that a reference stays good
};

}  // namespace base

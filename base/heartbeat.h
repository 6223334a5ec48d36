#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

namespace base {

/// A loop that must keep moving, for as long as the object exists: what feeds a watchdog asks stuck_loop().
/// Thread rule: one thread, that of the loop.
class Heartbeat {
 public:
  /// Nothing is expected of it before the first beat.
  explicit Heartbeat(std::string name);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// The loop moves, and will again within that time. Costs an atomic store.
  void beat(std::chrono::milliseconds within);
  /// Nothing is expected until the next beat: what it does now may take as long as it likes.
  void rest();

  const std::string& name() const { return name_; }
  std::chrono::steady_clock::time_point due() const { return due_.load(std::memory_order_relaxed); }

 private:
  const std::string name_;
  std::atomic<std::chrono::steady_clock::time_point> due_;
};

/// The name of the loop of this process that is overdue by more than `grace` at `now`, the latest of several;
/// nothing while all move. Any thread.
std::optional<std::string> stuck_loop(std::chrono::steady_clock::time_point now,
                                      std::chrono::milliseconds grace);

}  // namespace base

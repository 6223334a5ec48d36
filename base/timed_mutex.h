#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace base {

/// What std::timed_mutex is, for std::unique_lock with a time. That one waits by pthread_mutex_clocklock(),
/// which the ThreadSanitizer of LLVM 14 does not know: it takes each unlocking for one of a mutex that is
/// free. Thread rule: any thread; the one that has locked it unlocks it.
class TimedMutex {
 public:
  /// False where it was still locked after `patience`, or at `until`.
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& patience) {
    return try_lock_until(std::chrono::steady_clock::now() + patience);
  }
  bool try_lock_until(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    const bool is_ours = unlocked_.wait_until(lock, until, [this] { return !locked_; });
    locked_ = locked_ || is_ours;
    return is_ours;
  }
  void unlock() {
    {
      const std::lock_guard lock(mutex_);
      locked_ = false;
    }
    unlocked_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable unlocked_;
  bool locked_ = false;
};

}  // namespace base

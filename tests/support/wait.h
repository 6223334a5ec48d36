#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace support {

/// Long enough for a busy machine; a test that waits this long has failed.
inline constexpr std::chrono::seconds kPatience{60};

/// Looks at the condition until it holds. Returns whether it did within that time.
template <typename Condition>
bool wait_until(const Condition& condition, std::chrono::milliseconds patience = kPatience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) {
      return condition();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// The same for a condition that takes `mutex` itself: it is looked at again whenever `changed` is notified.
/// A change may come between the look and the wait, so no wait is long.
template <typename Condition>
bool wait_until(const Condition& condition, std::mutex& mutex, std::condition_variable& changed,
                std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::milliseconds(20));
    lock.unlock();
    if (std::chrono::steady_clock::now() >= until) {
      return condition();
    }
  }
  return true;
}

}  // namespace support

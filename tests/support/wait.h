#pragma once

#include <chrono>
#include <thread>

namespace support {

/// Long enough for a busy machine; a test that waits this long has failed.
inline constexpr std::chrono::seconds kPatience{40};

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

}  // namespace support

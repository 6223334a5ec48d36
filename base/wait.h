#pragma once

#include <chrono>
#include <stop_token>

namespace base {

/// Waits for `time`, but no longer than until a stop is requested. Returns whether the whole time passed;
/// false means that the caller should end.
[[nodiscard]] bool wait_for(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace base

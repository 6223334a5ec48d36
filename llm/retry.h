#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "llm/chat_model.h"
#include "llm/endpoint.h"

namespace llm {

/// Time and randomness as with_retries() sees them, so that tests need not wait.
struct RetryPace {
  std::function<std::chrono::steady_clock::time_point()> now;
  /// Returns after that time, or at once when stop is requested.
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait;
  std::function<double()> jitter;  ///< uniform in [0, 1)
};

/// The machine's clock and random numbers.
RetryPace real_pace();

/// One attempt, which has to end within the time given. Throws AttemptError, or base::Stopped.
using Attempt = std::function<Completion(std::chrono::milliseconds)>;

/// The answer of the first attempt that succeeds, within the endpoint's `max_attempts`, `patience` and
/// `deadline`.
/// Between attempts it waits as long as the provider asked for, or else an exponential back-off with full
/// jitter. A wait that would exceed the deadline is not begun. Throws ModelError for the last failure, or
/// base::Stopped.
Completion with_retries(const Endpoint& endpoint, const std::stop_token& stop, const Attempt& attempt,
                        const RetryPace& pace = real_pace());

}  // namespace llm

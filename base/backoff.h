#pragma once

#include <chrono>
#include <optional>

namespace base {

/// How long to pause before the next attempt: twice as long after each failure, up to a limit.
struct Backoff {
  std::chrono::milliseconds first;
  std::chrono::milliseconds longest;
  /// The share of the pause that is left to chance, so that callers who failed together do not come back
  /// together: 0 none of it, 0.5 its second half, 1 all of it (full jitter, which spreads them best). Source:
  /// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
  double jitter = 0;

  /// The pause after `failures` failed attempts in a row; fewer than one count as one. `random` is in [0, 1]
  /// and of no effect without jitter.
  std::chrono::milliseconds pause(int failures, double random = 1) const;
};

/// The pause, or what the server asked for (Retry-After) where that is longer.
std::chrono::milliseconds at_least(std::chrono::milliseconds pause,
                                   std::optional<std::chrono::milliseconds> retry_after);

/// Uniform in [0, 1), for Backoff::pause(). Thread rule: any thread.
double random_share();

}  // namespace base

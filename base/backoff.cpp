#include "base/backoff.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

namespace base {

using std::chrono::milliseconds;

milliseconds Backoff::pause(int failures, double random) const {
  // A double, so that no number of failures overflows it.
  const auto doubled = std::ldexp(static_cast<double>(first.count()), std::max(failures, 1) - 1);
  const auto full = std::min(doubled, static_cast<double>(longest.count()));
  return milliseconds(static_cast<std::int64_t>(full * (1 - jitter + jitter * random)));
}

milliseconds at_least(milliseconds pause, std::optional<milliseconds> retry_after) {
  return std::max(pause, retry_after.value_or(milliseconds(0)));
}

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

}  // namespace base

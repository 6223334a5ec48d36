#include "llm/retry.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "base/wait.h"
#include "llm/attempt_error.h"

namespace llm {
namespace {

using std::chrono::milliseconds;

constexpr int kRareRepeats = 2;
constexpr milliseconds kLongestBackoff{30'000};

std::string seconds(milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

ModelError given_up(const Endpoint& endpoint, const AttemptError& error, int attempts,
                    std::string_view reason) {
  auto what = fmt::format("{} {}: {}", endpoint.provider, endpoint.model, error.what());
  if (attempts > 1) {
    what += fmt::format(" (attempt {})", attempts);
  }
  return {error.kind, what + std::string(reason)};
}

}  // namespace

RetryPace real_pace() {
  return {.now = [] { return std::chrono::steady_clock::now(); },
          .wait = base::wait_for,
          .jitter = base::random_share};
}

Completion with_retries(const Endpoint& endpoint, const std::stop_token& stop, const Attempt& attempt,
                        const RetryPace& pace) {
  const auto until = pace.now() + endpoint.deadline;
  const auto left = [&] { return std::chrono::floor<milliseconds>(until - pace.now()); };
  const base::Backoff backoff{.first = endpoint.first_backoff, .longest = kLongestBackoff, .jitter = 1};
  int rare_failures = 0;
  for (int count = 1;; ++count) {
    if (stop.stop_requested()) {
      throw base::Stopped();
    }
    const auto begun = pace.now();
    try {
      return attempt(std::max(left(), milliseconds(1)));
    } catch (const AttemptError& error) {
      if (stop.stop_requested()) {
        throw base::Stopped();
      }
      rare_failures += error.repeat == Repeat::rarely ? 1 : 0;
      if (error.repeat == Repeat::never || count >= endpoint.max_attempts || rare_failures > kRareRepeats ||
          pace.now() - begun >= endpoint.patience) {
        throw given_up(endpoint, error, count, "");
      }
      const auto wait = error.retry_after.value_or(backoff.pause(count, pace.jitter()));
      if (wait >= left()) {
        throw given_up(endpoint, error, count,
                       error.retry_after
                           ? fmt::format("; it asks to wait {}, longer than the deadline of {} allows",
                                         seconds(wait), seconds(endpoint.deadline))
                           : fmt::format("; the deadline of {} has passed", seconds(endpoint.deadline)));
      }
      base::log_info("{} {}: {}; trying again in {} ms", endpoint.provider, endpoint.model, error.what(),
                     wait.count());
      pace.wait(wait, stop);
    }
  }
}

}  // namespace llm

#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace support {

/// A clock that stands still until it is moved. Thread rule: any thread.
class FakeClock final : public base::Clock {
 public:
  /// 2026-11-22 16:05:00 UTC, a Sunday.
  static constexpr std::int64_t kStart = 1'795'363'500'000;

  base::Timestamp now() const override { return base::from_unix_ms(ms_); }
  void advance(std::chrono::milliseconds time) { ms_ += time.count(); }
  void set(base::Timestamp time) { ms_ = base::to_unix_ms(time); }

 private:
  std::atomic<std::int64_t> ms_ = kStart;
};

}  // namespace support

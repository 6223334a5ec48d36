#include "base/heartbeat.h"

#include <chrono>

#include <doctest/doctest.h>

using namespace std::chrono_literals;

TEST_CASE("a loop is stuck once it is overdue by more than the grace, and no longer when it moves or ends") {
  const auto now = std::chrono::steady_clock::now();
  CHECK_FALSE(base::stuck_loop(now + 24h, 1s));
  {
    base::Heartbeat silent("silent");
    base::Heartbeat slow("slow");
    base::Heartbeat quick("quick");
    CHECK_FALSE(base::stuck_loop(now + 24h, 1s));  // none has begun
    slow.beat(60s);
    quick.beat(1s);
    CHECK_FALSE(base::stuck_loop(now + 1s, 1s));
    CHECK(base::stuck_loop(now + 10s, 1s) == "quick");
    CHECK_FALSE(base::stuck_loop(now + 10s, 20s));
    CHECK(base::stuck_loop(now + 24h, 1s) == "quick");
    quick.rest();
    CHECK_FALSE(base::stuck_loop(now + 10s, 1s));
    CHECK(base::stuck_loop(now + 24h, 1s) == "slow");
    slow.beat(24h);
    CHECK_FALSE(base::stuck_loop(now + 24h, 1s));
  }
  CHECK_FALSE(base::stuck_loop(now + 48h, 1s));
}

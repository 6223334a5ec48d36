#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "bot/chat/platform.h"
#include "bot/platforms/shared/rate_limiter.h"
#include "tests/support/fake_clock.h"

namespace {

using bot::chat::RateLimited;
using bot::shared::RateLimit;
using bot::shared::RateLimiter;
using namespace std::chrono_literals;

constexpr RateLimit kNoPause{0ms, 1};

struct Fixture {
  support::FakeClock clock;

  /// How many calls may be made at once now.
  int burst(RateLimiter& rate_limiter, const std::string& chat) const {
    int calls = 0;
    while (calls < 1'000 && rate_limiter.ready_at(chat, clock.now()) == clock.now()) {
      rate_limiter.take(chat, clock.now());
      ++calls;
    }
    return calls;
  }
};

TEST_CASE_FIXTURE(Fixture, "a chat has a burst of calls, then one each pause") {
  RateLimiter rate_limiter({1s, 3}, kNoPause);
  CHECK(burst(rate_limiter, "a") == 3);
  CHECK(rate_limiter.ready_at("a", clock.now()) == clock.now() + 1s);
  CHECK(burst(rate_limiter, "b") == 3);
  clock.advance(999ms);
  CHECK(burst(rate_limiter, "a") == 0);
  clock.advance(1ms);
  CHECK(burst(rate_limiter, "a") == 1);
  clock.advance(2s);
  CHECK(burst(rate_limiter, "a") == 2);
  // What was not used for long is not saved up.
  clock.advance(std::chrono::hours(24));
  CHECK(burst(rate_limiter, "a") == 3);
}

TEST_CASE_FIXTURE(Fixture, "a call that comes too early is told when, and counts for nothing") {
  RateLimiter rate_limiter({1s, 1}, kNoPause);
  rate_limiter.take("a", clock.now());
  for (int i = 0; i < 10; ++i) {
    try {
      rate_limiter.take("a", clock.now());
      FAIL("it was taken");
    } catch (const RateLimited& e) {
      CHECK(e.until == clock.now() + 1s);
    }
  }
  clock.advance(1s);
  CHECK_NOTHROW(rate_limiter.take("a", clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "all chats together have a pace, too") {
  RateLimiter rate_limiter(kNoPause, {100ms, 5});
  int calls = 0;
  for (int chat = 0; chat < 20; ++chat) {
    calls += rate_limiter.ready_at(std::to_string(chat), clock.now()) == clock.now() ? 1 : 0;
    try {
      rate_limiter.take(std::to_string(chat), clock.now());
    } catch (const RateLimited& e) {
      CHECK(e.until == clock.now() + 100ms);
    }
  }
  CHECK(calls == 5);
}

TEST_CASE_FIXTURE(Fixture, "a chat of its own kind has a pace of its own") {
  RateLimiter rate_limiter({1s, 1}, kNoPause);
  const RateLimit group{3s, 1};
  rate_limiter.take("group", clock.now(), group);
  CHECK(rate_limiter.ready_at("group", clock.now(), group) == clock.now() + 3s);
  CHECK_THROWS_AS(rate_limiter.take("group", clock.now() + 2s, group), RateLimited);
  CHECK_NOTHROW(rate_limiter.take("group", clock.now() + 3s, group));
}

TEST_CASE_FIXTURE(Fixture, "a pause that the service asked for holds that chat, and is never cut short") {
  RateLimiter rate_limiter(kNoPause, kNoPause);
  rate_limiter.hold("a", clock.now() + 30s);
  rate_limiter.hold("a", clock.now() + 10s);
  CHECK(rate_limiter.ready_at("a", clock.now()) == clock.now() + 30s);
  CHECK(rate_limiter.ready_at("b", clock.now()) == clock.now());
  CHECK_THROWS_AS(rate_limiter.take("a", clock.now()), RateLimited);
  clock.advance(30s);
  CHECK_NOTHROW(rate_limiter.take("a", clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "a pause of everything holds every chat, also those not seen yet") {
  RateLimiter rate_limiter(kNoPause, kNoPause);
  rate_limiter.hold_all(clock.now() + 30s);
  rate_limiter.hold_all(clock.now() + 10s);
  CHECK(rate_limiter.ready_at("a", clock.now()) == clock.now() + 30s);
  CHECK_THROWS_AS(rate_limiter.take("b", clock.now() + 29s), RateLimited);
  CHECK_NOTHROW(rate_limiter.take("b", clock.now() + 30s));
}

TEST_CASE_FIXTURE(Fixture, "thousands of chats are forgotten once their time is over, and not before") {
  RateLimiter rate_limiter({1s, 1}, kNoPause);
  rate_limiter.hold("held", clock.now() + 1h);
  rate_limiter.hold("busy", clock.now() + 10s);
  for (int chat = 0; chat < 5'000; ++chat) {
    rate_limiter.take(std::to_string(chat), clock.now());
    clock.advance(1ms);
  }
  CHECK(rate_limiter.ready_at("held", clock.now()) > clock.now());
  CHECK(rate_limiter.ready_at("busy", clock.now()) > clock.now());
  CHECK(rate_limiter.ready_at("4999", clock.now()) > clock.now());
  CHECK(rate_limiter.ready_at("0", clock.now()) == clock.now());
}

TEST_CASE_FIXTURE(Fixture,
                  "on a clock that was set back, what had to be waited for is as far away as before") {
  RateLimiter rate_limiter({1s, 1}, kNoPause);
  rate_limiter.take("a", clock.now());
  rate_limiter.hold("b", clock.now() + 90s);
  clock.advance(-24h);
  CHECK(rate_limiter.ready_at("a", clock.now()) == clock.now() + 1s);
  CHECK(rate_limiter.ready_at("b", clock.now()) == clock.now() + 90s);
}

TEST_CASE("in no stretch of time are there more calls than the burst and one each pause") {
  const RateLimit chat_pace{700ms, 4}, overall{90ms, 7};
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    RateLimiter rate_limiter(chat_pace, overall);
    support::FakeClock clock;
    std::vector<std::pair<std::string, base::Timestamp>> calls;
    for (int i = 0; i < 400; ++i) {
      const auto chat = std::to_string(random() % 3);
      if (random() % 4 == 0) {
        clock.advance(std::chrono::milliseconds(random() % 2'000));
      }
      clock.set(rate_limiter.ready_at(chat, clock.now()));
      rate_limiter.take(chat, clock.now());
      calls.emplace_back(chat, clock.now());
    }
    const auto check = [&](const std::string& only, RateLimit pace) {
      std::vector<base::Timestamp> times;
      for (const auto& [chat, time] : calls) {
        if (only.empty() || chat == only) {
          times.push_back(time);
        }
      }
      bool kept = true;
      for (std::size_t first = 0; first < times.size(); ++first) {
        for (auto last = first; last < times.size(); ++last) {
          kept = kept &&
                 static_cast<int>(last - first + 1) <= pace.burst + (times[last] - times[first]) / pace.pause;
        }
      }
      CHECK(kept);
    };
    check("", overall);
    for (const char* chat : {"0", "1", "2"}) {
      check(chat, chat_pace);
    }
  }
}

TEST_CASE("threaded: calls from many threads share one pace") {
  RateLimiter rate_limiter({1s, 1'000}, {1s, 50});
  const support::FakeClock clock;
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, chat = std::to_string(i)] {
        for (int call = 0; call < 100; ++call) {
          rate_limiter.ready_at(chat, clock.now());
          rate_limiter.hold(chat, clock.now());
          try {
            rate_limiter.take(chat, clock.now());
            ++taken;
          } catch (const RateLimited&) {
            rate_limiter.hold_all(clock.now());
          }
        }
      });
    }
  }
  CHECK(taken == 50);
}

}  // namespace

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

using bot::chat::Paced;
using bot::shared::Pace;
using bot::shared::Pacer;
using namespace std::chrono_literals;

constexpr Pace kNoPause{0ms, 1};

struct Fixture {
  support::FakeClock clock;

  /// How many calls may be made at once now.
  int burst(Pacer& pacer, const std::string& chat) const {
    int calls = 0;
    while (calls < 1'000 && pacer.ready_at(chat, clock.now()) == clock.now()) {
      pacer.take(chat, clock.now());
      ++calls;
    }
    return calls;
  }
};

TEST_CASE_FIXTURE(Fixture, "a chat has a burst of calls, then one each pause") {
  Pacer pacer({1s, 3}, kNoPause);
  CHECK(burst(pacer, "a") == 3);
  CHECK(pacer.ready_at("a", clock.now()) == clock.now() + 1s);
  CHECK(burst(pacer, "b") == 3);
  clock.advance(999ms);
  CHECK(burst(pacer, "a") == 0);
  clock.advance(1ms);
  CHECK(burst(pacer, "a") == 1);
  clock.advance(2s);
  CHECK(burst(pacer, "a") == 2);
  // What was not used for long is not saved up.
  clock.advance(std::chrono::hours(24));
  CHECK(burst(pacer, "a") == 3);
}

TEST_CASE_FIXTURE(Fixture, "a call that comes too early is told when, and counts for nothing") {
  Pacer pacer({1s, 1}, kNoPause);
  pacer.take("a", clock.now());
  for (int i = 0; i < 10; ++i) {
    try {
      pacer.take("a", clock.now());
      FAIL("it was taken");
    } catch (const Paced& e) {
      CHECK(e.until == clock.now() + 1s);
    }
  }
  clock.advance(1s);
  CHECK_NOTHROW(pacer.take("a", clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "all chats together have a pace, too") {
  Pacer pacer(kNoPause, {100ms, 5});
  int calls = 0;
  for (int chat = 0; chat < 20; ++chat) {
    calls += pacer.ready_at(std::to_string(chat), clock.now()) == clock.now() ? 1 : 0;
    try {
      pacer.take(std::to_string(chat), clock.now());
    } catch (const Paced& e) {
      CHECK(e.until == clock.now() + 100ms);
    }
  }
  CHECK(calls == 5);
}

TEST_CASE_FIXTURE(Fixture, "a chat of its own kind has a pace of its own") {
  Pacer pacer({1s, 1}, kNoPause);
  const Pace group{3s, 1};
  pacer.take("group", clock.now(), group);
  CHECK(pacer.ready_at("group", clock.now(), group) == clock.now() + 3s);
  CHECK_THROWS_AS(pacer.take("group", clock.now() + 2s, group), Paced);
  CHECK_NOTHROW(pacer.take("group", clock.now() + 3s, group));
}

TEST_CASE_FIXTURE(Fixture, "a pause that the service asked for holds that chat, and is never cut short") {
  Pacer pacer(kNoPause, kNoPause);
  pacer.hold("a", clock.now() + 30s);
  pacer.hold("a", clock.now() + 10s);
  CHECK(pacer.ready_at("a", clock.now()) == clock.now() + 30s);
  CHECK(pacer.ready_at("b", clock.now()) == clock.now());
  CHECK_THROWS_AS(pacer.take("a", clock.now()), Paced);
  clock.advance(30s);
  CHECK_NOTHROW(pacer.take("a", clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "a pause of everything holds every chat, also those not seen yet") {
  Pacer pacer(kNoPause, kNoPause);
  pacer.hold_all(clock.now() + 30s);
  pacer.hold_all(clock.now() + 10s);
  CHECK(pacer.ready_at("a", clock.now()) == clock.now() + 30s);
  CHECK_THROWS_AS(pacer.take("b", clock.now() + 29s), Paced);
  CHECK_NOTHROW(pacer.take("b", clock.now() + 30s));
}

TEST_CASE_FIXTURE(Fixture, "thousands of chats are forgotten once their time is over, and not before") {
  Pacer pacer({1s, 1}, kNoPause);
  pacer.hold("held", clock.now() + 1h);
  pacer.hold("busy", clock.now() + 10s);
  for (int chat = 0; chat < 5'000; ++chat) {
    pacer.take(std::to_string(chat), clock.now());
    clock.advance(1ms);
  }
  CHECK(pacer.ready_at("held", clock.now()) > clock.now());
  CHECK(pacer.ready_at("busy", clock.now()) > clock.now());
  CHECK(pacer.ready_at("4999", clock.now()) > clock.now());
  CHECK(pacer.ready_at("0", clock.now()) == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "a clock that was set back lets nobody wait longer than since the last call") {
  Pacer pacer({1s, 1}, {100ms, 1});
  pacer.take("a", clock.now());
  const auto ready = pacer.ready_at("a", clock.now());
  CHECK(pacer.ready_at("a", clock.now() - 1h) == ready);
}

TEST_CASE("in no stretch of time are there more calls than the burst and one each pause") {
  const Pace chat_pace{700ms, 4}, overall{90ms, 7};
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    Pacer pacer(chat_pace, overall);
    support::FakeClock clock;
    std::vector<std::pair<std::string, base::Timestamp>> calls;
    for (int i = 0; i < 400; ++i) {
      const auto chat = std::to_string(random() % 3);
      if (random() % 4 == 0) {
        clock.advance(std::chrono::milliseconds(random() % 2'000));
      }
      clock.set(pacer.ready_at(chat, clock.now()));
      pacer.take(chat, clock.now());
      calls.emplace_back(chat, clock.now());
    }
    const auto check = [&](const std::string& only, Pace pace) {
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
  Pacer pacer({1s, 1'000}, {1s, 50});
  const support::FakeClock clock;
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, chat = std::to_string(i)] {
        for (int call = 0; call < 100; ++call) {
          pacer.ready_at(chat, clock.now());
          pacer.hold(chat, clock.now());
          try {
            pacer.take(chat, clock.now());
            ++taken;
          } catch (const Paced&) {
            pacer.hold_all(clock.now());
          }
        }
      });
    }
  }
  CHECK(taken == 50);
}

}  // namespace

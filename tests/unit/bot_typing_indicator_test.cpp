#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "bot/platforms/shared/typing_indicator.h"
#include "tests/support/wait.h"

namespace {

using bot::shared::TypingIndicator;
using namespace std::chrono_literals;

/// What was done, in order.
class Done {
 public:
  void add(const std::string& what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(what);
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  std::size_t count(const std::string& what) const {
    const auto done = all();
    return static_cast<std::size_t>(std::count(done.begin(), done.end(), what));
  }
  bool waits_for(const std::string& what, std::size_t times = 1) const {
    return support::wait_until([&] { return count(what) >= times; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// Keeps the thread busy until it is opened or told to stop.
class Gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }
  void wait(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.wait(lock, std::move(stop), [&] { return open_; });
  }
  bool reached() {
    const std::lock_guard lock(mutex_);
    return reached_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;
  bool reached_ = false;
};

TEST_CASE("threaded: thinking is shown at once and again, until it is over") {
  Done done;
  TypingIndicator typing([&](const std::string& chat, const std::stop_token&) { done.add(chat); }, 5ms);
  typing.thinking("a");
  CHECK(done.waits_for("a", 3));
  typing.idle("a");
  // One more may be under way.
  typing.soon([&](const std::stop_token&) { done.add("mark"); });
  REQUIRE(done.waits_for("mark"));
  const auto shown = done.count("a");
  typing.thinking("b");
  CHECK(done.waits_for("b", 5));
  CHECK(done.count("a") == shown);
}

TEST_CASE("threaded: two answers in one chat end with the second") {
  Done done;
  TypingIndicator typing([&](const std::string& chat, const std::stop_token&) { done.add(chat); }, 5ms);
  typing.thinking("a");
  typing.thinking("a");
  typing.idle("a");
  const auto before = done.count("a");
  CHECK(done.waits_for("a", before + 3));
  typing.idle("a");
  typing.idle("a");
  typing.idle("never seen");
  typing.thinking("a");
  const auto again = done.count("a");
  CHECK(done.waits_for("a", again + 2));
}

TEST_CASE("threaded: chats are shown beside each other, and one that is slow to repeat is shown once") {
  Done done;
  TypingIndicator typing([&](const std::string& chat, const std::stop_token&) { done.add(chat); }, 1h);
  typing.thinking("a");
  typing.thinking("b");
  typing.thinking("a");
  CHECK(done.waits_for("a"));
  CHECK(done.waits_for("b"));
  typing.soon([&](const std::stop_token&) { done.add("mark"); });
  REQUIRE(done.waits_for("mark"));
  CHECK(done.count("a") == 1);
  CHECK(done.count("b") == 1);
}

TEST_CASE("threaded: small calls are made in order, and one that fails stops nothing") {
  Done done;
  TypingIndicator typing(
      [&](const std::string&, const std::stop_token&) {
        done.add("shown");
        throw std::runtime_error("not reached");
      },
      5ms);
  typing.thinking("a");
  typing.soon([&](const std::stop_token&) { done.add("1"); });
  typing.soon([&](const std::stop_token&) -> void { throw std::runtime_error("refused"); });
  typing.soon([&](const std::stop_token&) { done.add("3"); });
  CHECK(done.waits_for("3"));
  CHECK(done.waits_for("shown", 3));
  auto calls = done.all();
  std::erase(calls, "shown");
  CHECK(calls == std::vector<std::string>{"1", "3"});
}

TEST_CASE("threaded: behind a service that hangs only so many calls wait") {
  Done done;
  Gate gate;
  TypingIndicator typing([](const std::string&, const std::stop_token&) {}, 1h);
  typing.soon([&](std::stop_token stop) { gate.wait(std::move(stop)); });
  REQUIRE(support::wait_until([&] { return gate.reached(); }));
  for (int i = 0; i < 1'000; ++i) {
    typing.soon([&](const std::stop_token&) { done.add("call"); });
  }
  gate.open();
  CHECK(done.waits_for("call", 200));
  typing.soon([&](const std::stop_token&) { done.add("mark"); });
  REQUIRE(done.waits_for("mark"));
  CHECK(done.count("call") == 200);
}

TEST_CASE("threaded: the end interrupts a call and drops those that wait") {
  Done done;
  Gate gate;
  {
    TypingIndicator typing([](const std::string&, const std::stop_token&) {}, 1h);
    typing.soon([&](std::stop_token stop) {
      gate.wait(std::move(stop));
      done.add("interrupted");
    });
    typing.soon([&](const std::stop_token&) { done.add("dropped"); });
    REQUIRE(support::wait_until([&] { return gate.reached(); }));
  }
  CHECK(done.all() == std::vector<std::string>{"interrupted"});
}

TEST_CASE("threaded: many threads may ask at once") {
  std::atomic<int> shown = 0, calls = 0;
  Done done;
  TypingIndicator typing([&](const std::string&, const std::stop_token&) { ++shown; }, 1ms);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, chat = std::to_string(i % 2)] {
        for (int round = 0; round < 50; ++round) {
          typing.thinking(chat);
          typing.soon([&](const std::stop_token&) { ++calls; });
          typing.idle(chat);
        }
      });
    }
  }
  CHECK(support::wait_until([&] {
    typing.soon([&](const std::stop_token&) { done.add("mark"); });
    return done.count("mark") > 0;
  }));
  CHECK(calls > 0);
  // Nobody thinks any more.
  typing.soon([&](const std::stop_token&) { done.add("end"); });
  REQUIRE(done.waits_for("end"));
  const int before = shown;
  TypingIndicator other([&](const std::string& chat, const std::stop_token&) { done.add(chat); }, 1ms);
  other.thinking("other");
  CHECK(done.waits_for("other", 5));
  CHECK(shown == before);
}

}  // namespace

#include "base/wait.h"

#include <chrono>
#include <future>
#include <stop_token>
#include <thread>

#include <doctest/doctest.h>

using namespace std::chrono_literals;

TEST_CASE("the whole time passes where nobody asks to stop") {
  const auto before = std::chrono::steady_clock::now();
  CHECK(base::wait_for(20ms, std::stop_token()));
  CHECK(std::chrono::steady_clock::now() - before >= 20ms);

  const std::stop_source unused;
  CHECK(base::wait_for(1ms, unused.get_token()));
}

TEST_CASE("a stop requested before is seen at once") {
  std::stop_source source;
  source.request_stop();
  CHECK_FALSE(base::wait_for(1h, source.get_token()));
  CHECK_FALSE(base::wait_for(0ms, source.get_token()));
}

TEST_CASE("threaded: a stop requested meanwhile ends the wait") {
  std::promise<bool> passed;
  auto result = passed.get_future();
  std::promise<void> begun;
  std::jthread waiting([&](const std::stop_token& stop) {
    begun.set_value();
    passed.set_value(base::wait_for(1h, stop));
  });
  begun.get_future().wait();
  waiting.request_stop();
  CHECK_FALSE(result.get());
}

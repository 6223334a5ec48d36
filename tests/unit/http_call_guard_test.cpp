// The deadlines of calls, whatever other calls do meanwhile.
#include "base/http_call_guard.h"

#include <chrono>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/wait.h"

using base::CallGuard;
using namespace std::chrono_literals;

TEST_CASE(
    "threaded: a call is ended at its deadline also where another one with an earlier one has just ended") {
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(50ms);  // until nothing is watched any more
    const auto now = CallGuard::Clock::now();
    { const CallGuard quick(now + 10ms, {}); }
    std::this_thread::sleep_for(1ms);
    const CallGuard slow(now + 20ms, {});
    REQUIRE(support::wait_until([&] { return slow.ended(); }));
  }
}

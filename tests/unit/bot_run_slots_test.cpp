#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/runtime/run_slots.h"
#include "tests/support/wait.h"

using bot::runtime::RunSlots;

namespace {

constexpr std::uint64_t kRun = RunSlots::memory_of_run;

}  // namespace

TEST_CASE("memory bounds how many specialists work at once, but one always may") {
  std::atomic<std::uint64_t> memory = 0;
  RunSlots slots(3, [&] { return std::optional<std::uint64_t>(memory); });
  CHECK_FALSE(slots.is_short_of_memory());
  std::optional<RunSlots::Place> first;
  first.emplace(slots, std::stop_token());
  CHECK(slots.is_short_of_memory());

  std::atomic<bool> second_works = false;
  std::jthread second([&](std::stop_token stop) {
    const RunSlots::Place place(slots, stop);
    second_works = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK_FALSE(second_works);
  // The first has begun just now, so what it takes is not seen yet.
  memory = kRun;
  CHECK(slots.is_short_of_memory());
  memory = 2 * kRun;
  CHECK(support::wait_until([&] { return second_works.load(); }));
}

TEST_CASE("who waits for memory gets the place of the last one that works, and can be stopped") {
  RunSlots slots(2, [] { return std::optional<std::uint64_t>(0); });
  std::optional<RunSlots::Place> first;
  first.emplace(slots, std::stop_token());
  std::atomic<bool> stopped = false;
  {
    std::jthread second([&](std::stop_token stop) {
      try {
        const RunSlots::Place place(slots, stop);
      } catch (const base::Stopped&) {
        stopped = true;
      }
    });
  }
  CHECK(stopped);
  std::atomic<bool> works = false;
  std::jthread third([&](std::stop_token stop) {
    const RunSlots::Place place(slots, stop);
    works = true;
  });
  first.reset();
  CHECK(support::wait_until([&] { return works.load(); }));
}

TEST_CASE("where the memory is not known it is no matter") {
  RunSlots slots(2, [] { return std::optional<std::uint64_t>(); });
  const RunSlots::Place first(slots, {});
  const RunSlots::Place second(slots, {});
  CHECK_FALSE(slots.is_short_of_memory());
}

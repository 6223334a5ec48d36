#include "base/backoff.h"

#include <climits>

#include <doctest/doctest.h>

using base::Backoff;
using std::chrono::milliseconds;

TEST_CASE("a pause doubles with each failure and never exceeds its limit") {
  const Backoff backoff{.first = milliseconds(500), .longest = milliseconds(3'000)};
  CHECK(backoff.pause(1) == milliseconds(500));
  CHECK(backoff.pause(2) == milliseconds(1'000));
  CHECK(backoff.pause(3) == milliseconds(2'000));
  CHECK(backoff.pause(4) == milliseconds(3'000));
  CHECK(backoff.pause(5) == milliseconds(3'000));
  CHECK(backoff.pause(INT_MAX) == milliseconds(3'000));
  for (const int none : {0, -1, INT_MIN}) {
    CAPTURE(none);
    CHECK(backoff.pause(none) == milliseconds(500));
  }
}

TEST_CASE("a first pause beyond the limit is cut to it") {
  CHECK(Backoff{.first = milliseconds(5'000), .longest = milliseconds(1'000)}.pause(1) ==
        milliseconds(1'000));
}

TEST_CASE("without jitter chance has no effect") {
  const Backoff backoff{.first = milliseconds(800), .longest = milliseconds(10'000)};
  CHECK(backoff.pause(2, 0) == milliseconds(1'600));
  CHECK(backoff.pause(2, 0.3) == milliseconds(1'600));
}

TEST_CASE("jitter leaves its share of the pause to chance, also at the limit") {
  const Backoff half{.first = milliseconds(1'000), .longest = milliseconds(4'000), .jitter = 0.5};
  CHECK(half.pause(1, 0) == milliseconds(500));
  CHECK(half.pause(1, 0.5) == milliseconds(750));
  CHECK(half.pause(9, 0) == milliseconds(2'000));
  CHECK(half.pause(9, 1) == milliseconds(4'000));

  const Backoff full{.first = milliseconds(1'000), .longest = milliseconds(4'000), .jitter = 1};
  CHECK(full.pause(2, 0) == milliseconds(0));
  CHECK(full.pause(2, 0.25) == milliseconds(500));
}

TEST_CASE("a server that asks for a longer pause gets it, and none is shortened for it") {
  CHECK(base::at_least(milliseconds(500), milliseconds(2'000)) == milliseconds(2'000));
  CHECK(base::at_least(milliseconds(500), milliseconds(0)) == milliseconds(500));
  CHECK(base::at_least(milliseconds(500), std::nullopt) == milliseconds(500));
}

TEST_CASE("chance stays within its bounds and is not always the same") {
  const double first = base::random_share();
  bool differs = false;
  for (int i = 0; i < 1'000; ++i) {
    const double share = base::random_share();
    REQUIRE(share >= 0);
    REQUIRE(share < 1);
    differs = differs || share != first;
  }
  CHECK(differs);
}

#include "base/money.h"

#include <doctest/doctest.h>

using base::format_usd;

TEST_CASE("an amount below a cent is no $0.00") {
  CHECK(format_usd(0) == "$0.00");
  CHECK(format_usd(-1e-12) == "$0.00");
  CHECK(format_usd(1e-9) == "<$0.0001");
  CHECK(format_usd(0.0042) == "$0.0042");
  CHECK(format_usd(0.005) == "$0.005");
  CHECK(format_usd(0.00999) == "$0.01");
  CHECK(format_usd(0.01) == "$0.01");
  CHECK(format_usd(41.5) == "$41.50");
}

#include "base/money.h"

#include <doctest/doctest.h>

#include "bot/texts/budget.h"

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
TEST_CASE("amounts that an operator adds up have the digits that count") {
  CHECK(base::format_usd_closely(0) == "$0.0000");
  CHECK(base::format_usd_closely(1.23) == "$1.2300");
  CHECK(base::format_usd_closely(0.0042) == "$0.0042");
  CHECK(base::format_usd_closely(0.00016) == "$0.00016");
  CHECK(base::format_usd_closely(0.00005) + " + " + base::format_usd_closely(0.00005) + " = " +
            base::format_usd_closely(0.0001) ==
        "$0.00005 + $0.00005 = $0.0001");
  CHECK(base::format_usd_closely(-0.01) == "$-0.0100");
  CHECK(base::format_usd_closely(1e-9) == "$0.000000001");
}

TEST_CASE("an amount that was set is shown as it was") {
  CHECK(base::format_set_usd(4) == "$4.00");
  CHECK(base::format_set_usd(0.02) == "$0.02");
  CHECK(base::format_set_usd(0.125) == "$0.125");
  CHECK(base::format_set_usd(0.00005) == "$0.00005");
  CHECK(base::format_set_usd(0.1 + 0.2) == "$0.30");
  CHECK(bot::texts::day_budget(0.00005) == "today's budget of $0.00005");
}

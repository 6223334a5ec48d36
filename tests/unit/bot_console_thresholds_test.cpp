#include <limits>

#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/turns/console_thresholds.h"
#include "store/routing_console.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

using bot::turns::change_thresholds;
using bot::turns::reset_thresholds;
using bot::turns::ThresholdChange;
using bot::turns::with_console;
using support::contains;

namespace {

struct Fixture : support::StoreFixture {
  router::Thresholds in_force(const std::string& chat = "1", const std::string& user = "7") {
    return with_console({}, db).thresholds("tg", chat, user);
  }
  std::string problem(const ThresholdChange& change) {
    try {
      change_thresholds(db, change, clock.now());
    } catch (const base::ConfigError& e) {
      return e.what();
    }
    return {};
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "what the console stores stands above the file, says so, and outlives the program") {
  CHECK(change_thresholds(db, {"global", 0.2, {}, "too many misses", "ada"}, clock.now()) == 1);
  CHECK(change_thresholds(db, {"chat tg:1", {}, 0.9}, clock.now()) == 2);
  CHECK(change_thresholds(db, {"user tg:7", 0.5, 0.6}, clock.now()) == 3);
  const auto all = in_force();
  CHECK(all.ask_at == 0.5);
  CHECK(all.dispatch_at == 0.6);
  CHECK(all.ask_from == "console");
  CHECK(all.layer == "user tg:7");
  CHECK(in_force("1", "8").ask_at == 0.2);
  CHECK(in_force("1", "8").dispatch_at == 0.9);
  const auto elsewhere = in_force("2", "8");
  CHECK(elsewhere.dispatch_at == 0.75);
  CHECK(elsewhere.dispatch_from == "default");
  store::Database again(db.path());
  CHECK(with_console({}, again).thresholds("tg", "1", "7").ask_at == 0.5);
  CHECK(contains(bot::turns::console_text(db), "global: ask_at = 0.20, by ada on "));
  CHECK(contains(bot::turns::console_text(db), ": too many misses"));
}

TEST_CASE_FIXTURE(Fixture, "a change on top of what somebody else has changed meanwhile is not stored") {
  CHECK(change_thresholds(db, {"global", 0.2, {}, {}, "ada", 0}, clock.now()) == 1);
  CHECK_FALSE(change_thresholds(db, {"global", 0.3, {}, {}, "bob", 0}, clock.now()));
  CHECK(in_force().ask_at == 0.2);
  CHECK(change_thresholds(db, {"global", 0.3, {}, {}, "bob", 1}, clock.now()) == 2);
  CHECK(in_force().ask_at == 0.3);
  CHECK(store::RoutingConsole(db).changes().size() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "a reset goes back to the file, is kept as a change, and needs something to reset") {
  change_thresholds(db, {"chat tg:1", 0.2, 0.3, "a try", "ada"}, clock.now());
  CHECK(reset_thresholds(db, "chat tg:1", clock.now()));
  CHECK(in_force().ask_from == "default");
  CHECK_FALSE(reset_thresholds(db, "chat tg:1", clock.now()));
  CHECK_FALSE(reset_thresholds(db, "global", clock.now()));
  const auto changes = store::RoutingConsole(db).changes();
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].reason == "a try");
  CHECK(changes[1].by == "shell");
  CHECK(store::RoutingConsole(db).version() == 2);
  CHECK(bot::turns::console_text(db).empty());
}

TEST_CASE_FIXTURE(Fixture, "what makes no sense is refused with a sentence, and nothing is stored") {
  for (const char* scope :
       {"", "everywhere", "chat", "chat ", "chat tg", "chat tg:", "chat :1", "group tg:1", "Global",
        "chat tg: 1", "chat tg:1 ", "user  tg:1", "user tg:1\n", "user tg:\x01", "chat t g :"}) {
    CAPTURE(std::string(scope));
    CHECK(contains(problem({scope, 0.2}), "is no scope"));
    CHECK_THROWS_AS(reset_thresholds(db, scope, clock.now()), base::ConfigError);
  }
  CHECK(contains(problem({"global", 1.1}), "from 0 to 1"));
  CHECK(contains(problem({"global", {}, -0.1}), "from 0 to 1"));
  CHECK(contains(problem({"global", std::numeric_limits<double>::quiet_NaN()}), "from 0 to 1"));
  CHECK(contains(problem({"global"}), "neither"));
  CHECK(contains(problem({"global", 0.8, 0.3}), "above"));
  CHECK(store::RoutingConsole(db).version() == 0);
}

}  // namespace

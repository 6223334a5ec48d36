#include <doctest/doctest.h>

#include "router/threshold_moves.h"
#include "tests/support/text.h"

using router::BudgetUse;
using router::move_thresholds;
using router::ThreadPast;
using router::Thresholds;
using support::contains;

namespace {

Thresholds thresholds(double ask_at = 0.35, double dispatch_at = 0.75) {
  Thresholds t;
  t.ask_at = ask_at;
  t.dispatch_at = dispatch_at;
  return t;
}

ThreadPast dispatched(int turns = 0, std::chrono::seconds since = {}) {
  return {ThreadPast::Kind::dispatched, turns, since};
}

}  // namespace

TEST_CASE("after a dispatch the thread's thresholds are lower, and less so as time and turns go by") {
  const auto now = move_thresholds(thresholds(0.5, 0.75), dispatched(), {});
  CHECK(now.thresholds.ask_at == doctest::Approx(0.4));
  CHECK(now.thresholds.dispatch_at == doctest::Approx(0.675));
  CHECK(now.thresholds.ask_from == "thread");
  CHECK(now.thresholds.dispatch_from == "thread");
  CHECK(contains(now.why,
                 "ask_at 0.50 -> 0.40, dispatch_at 0.75 -> 0.68: the specialist worked in this thread"));
  double before = now.thresholds.ask_at;
  for (const auto& past : {dispatched(2), dispatched(2, std::chrono::minutes(10)), dispatched(4)}) {
    const auto later = move_thresholds(thresholds(0.5, 0.75), past, {});
    CHECK(later.thresholds.ask_at > before);
    before = later.thresholds.ask_at;
  }
  for (const auto& past : {dispatched(5), dispatched(0, std::chrono::minutes(31)), dispatched(99)}) {
    const auto forgotten = move_thresholds(thresholds(), past, {});
    CHECK(forgotten.thresholds.ask_at == 0.35);
    CHECK(forgotten.thresholds.ask_from == "default");
    CHECK(forgotten.why.empty());
  }
}

TEST_CASE("after a refusal they are higher") {
  const auto moved = move_thresholds(thresholds(), ThreadPast{ThreadPast::Kind::declined, 0, {}}, {});
  CHECK(moved.thresholds.ask_at > 0.4);
  CHECK(moved.thresholds.dispatch_at > 0.8);
  CHECK(contains(moved.why, "not wanted"));
}

TEST_CASE("what an operator set to never or always stays so, and the order of the two as well") {
  for (const auto kind : {ThreadPast::Kind::dispatched, ThreadPast::Kind::declined}) {
    const auto moved = move_thresholds(thresholds(0, 1), ThreadPast{kind, 0, {}}, BudgetUse{1, "it"});
    CHECK(moved.thresholds.ask_at == 0);
    CHECK(moved.thresholds.dispatch_at == 1);
    CHECK(moved.why.empty());
    for (double t = 0.02; t < 1; t += 0.02) {
      const auto both = move_thresholds(thresholds(t, t + 0.01), ThreadPast{kind, 0, {}}, {}).thresholds;
      CHECK(both.ask_at <= both.dispatch_at);
      CHECK(both.ask_at > 0);
      CHECK(both.dispatch_at < 1);
    }
  }
}

TEST_CASE("the more of a budget is used the surer it must be to dispatch without asking") {
  CHECK(move_thresholds(thresholds(), {}, BudgetUse{0.5, "it"}).why.empty());
  const auto moved = move_thresholds(thresholds(0.1, 0.83), {}, BudgetUse{0.78, "today's budget of $20.00"});
  CHECK(moved.thresholds.ask_at == 0.1);
  CHECK(moved.thresholds.ask_from == "default");
  CHECK(moved.thresholds.dispatch_at == doctest::Approx(0.9076).epsilon(0.001));
  CHECK(moved.thresholds.dispatch_from == "budget");
  CHECK(moved.why == "dispatch_at 0.83 -> 0.91: 78 % of today's budget of $20.00 is used");
  const auto spent = move_thresholds(thresholds(0.1, 0.83), {}, BudgetUse{7, "it"});
  CHECK(spent.thresholds.dispatch_at > moved.thresholds.dispatch_at);
  CHECK(spent.thresholds.dispatch_at < 1);
}

TEST_CASE("thread and budget together are both told") {
  const auto moved = move_thresholds(thresholds(), dispatched(), BudgetUse{0.9, "it"});
  CHECK(moved.thresholds.ask_from == "thread");
  CHECK(moved.thresholds.dispatch_from == "budget");
  CHECK(contains(moved.why, "; dispatch_at"));
}

#include <doctest/doctest.h>

#include "bot/runs/budget.h"
#include "tests/support/services_fixture.h"

namespace {

class Budgeted : public support::ServicesFixture {
 public:
  Budgeted() : ada(store::People(db).remember("ops", "u-1", "Ada", clock.now())), budgets(services, db) {}

  void set(bot::runtime::Budget budget) {
    policy.budget = budget;
    policy_holder.with([&](auto& held) { held = std::make_shared<const bot::runtime::Policy>(policy); });
  }

  bool over() {
    const auto left = budgets.left_today(ada.id);
    return left && *left <= 0;
  }

  store::Person ada;
  bot::runs::Budgets budgets;
};

}  // namespace

TEST_CASE_FIXTURE(Budgeted, "what runs now counts against the day's budget, for all and for one person") {
  CHECK(budgets.most_for_a_run(ada.id, {1}) == 0);
  CHECK_FALSE(over());
  set({.usd_per_day = 2.0, .usd_per_user_per_day = 1.5, .usd_per_run = 5.0});
  CHECK(budgets.most_for_a_run(ada.id, {1}) == doctest::Approx(1.5));
  runs.enter({1});
  runs.enter({2});
  runs.note_unbooked({1}, ada.id, 0.5);
  runs.note_unbooked({2}, {99}, 1.0);
  CHECK(runs.unbooked() == doctest::Approx(1.5));
  CHECK(budgets.most_for_a_run(ada.id, {1}) == doctest::Approx(0.5));
  CHECK_FALSE(over());
  runs.note_unbooked({2}, {99}, 1.6);
  CHECK(over());
  runs.leave({2});
  CHECK_FALSE(over());
  runs.note_unbooked({1}, ada.id, 1.5);
  CHECK(over());
  // A limit that is reached already is still one.
  CHECK(budgets.most_for_a_run(ada.id, {1}) > 0);
}

TEST_CASE_FIXTURE(Budgeted, "a run may cost no more than the limit for a run") {
  set({.usd_per_day = 2.0, .usd_per_user_per_day = {}, .usd_per_run = 0.25});
  CHECK(budgets.most_for_a_run(ada.id, {1}) == doctest::Approx(0.25));
}

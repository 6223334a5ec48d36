#include <doctest/doctest.h>

#include "store/ledger.h"
#include "store/log_view.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  store::Ledger ledger{db};

  void spend(double usd, std::optional<store::PersonId> who,
             store::Purpose purpose = store::Purpose::secretary) {
    store::LedgerEntry entry;
    entry.person = who;
    entry.purpose = purpose;
    entry.provider = "anthropic";
    entry.model = "claude-haiku-4-5";
    entry.input_tokens = 100;
    entry.usd = usd;
    ledger.add(entry, clock.now());
  }
};

TEST_CASE_FIXTURE(Fixture, "nothing has been spent in an empty ledger") {
  CHECK(ledger.spent_since({}) == 0);
  CHECK(ledger.spent_since({}, person.id) == 0);
}

TEST_CASE_FIXTURE(Fixture, "what was spent is summed from a moment on, that moment included") {
  spend(1, person.id);
  clock.advance(std::chrono::hours(1));
  const auto since = clock.now();
  spend(2, person.id);
  clock.advance(std::chrono::hours(1));
  spend(4, person.id, store::Purpose::specialist);
  CHECK(ledger.spent_since(since) == doctest::Approx(6));
  CHECK(ledger.spent_since(since + std::chrono::milliseconds(1)) == doctest::Approx(4));
  CHECK(ledger.spent_since({}) == doctest::Approx(7));
  CHECK(ledger.spent_since(clock.now() + std::chrono::hours(1)) == 0);
}

TEST_CASE_FIXTURE(Fixture, "everybody pays for all, one person for their own calls") {
  const auto other = store::People(db).remember("web", "u-2", "Bob", clock.now());
  spend(1, person.id);
  spend(2, other.id);
  spend(4, std::nullopt, store::Purpose::summary);
  CHECK(ledger.spent_since({}) == doctest::Approx(7));
  CHECK(ledger.spent_since({}, person.id) == doctest::Approx(1));
  CHECK(ledger.spent_since({}, other.id) == doctest::Approx(2));
}

TEST_CASE_FIXTURE(Fixture, "what a decision and its dispatch cost is in the log, each entry once") {
  const auto paid = [&](store::Purpose purpose, std::optional<store::DispatchId> for_dispatch = {}) {
    store::LedgerEntry entry;
    entry.person = person.id;
    entry.dispatch = for_dispatch;
    entry.purpose = purpose;
    entry.model = "m";
    entry.usd = 1;
    return ledger.add(entry, clock.now());
  };
  const auto asked = decide(store::DecisionAction::ask);
  const auto ordered = dispatch(project("todo-app"));
  const auto of_dispatch = store::DispatchLog(db).dispatch(ordered).decision;
  ledger.charge_to(asked, {paid(store::Purpose::secretary), paid(store::Purpose::secretary)});
  ledger.charge_to(of_dispatch, {paid(store::Purpose::secretary, ordered)});
  paid(store::Purpose::specialist, ordered);
  paid(store::Purpose::summary, ordered);
  store::LogView view(db);
  CHECK(view.row(asked)->usd == doctest::Approx(2));
  CHECK(view.row(of_dispatch)->usd == doctest::Approx(3));
  const auto costs = view.costs(*view.row(asked));
  REQUIRE(costs.size() == 1);
  CHECK(costs[0].calls == 2);
  CHECK(view.costs(*view.row(of_dispatch)).size() == 3);
  ledger.hand_over(asked, of_dispatch);
  CHECK(view.row(asked)->usd == 0);
  CHECK(view.row(of_dispatch)->usd == doctest::Approx(5));
}

TEST_CASE_FIXTURE(Fixture, "what goes on is kept current in its own rows") {
  std::vector<store::LedgerId> rows;
  const auto entry = [&](const char* model, double usd) {
    store::LedgerEntry e;
    e.person = person.id;
    e.purpose = store::Purpose::specialist;
    e.model = model;
    e.usd = usd;
    return e;
  };
  spend(1, person.id);
  ledger.keep(rows, {entry("a", 2), entry("b", 3)}, clock.now());
  CHECK(rows.size() == 2);
  CHECK(ledger.spent_since({}) == doctest::Approx(6));
  ledger.keep(rows, {entry("c", 4)}, clock.now());
  CHECK(rows.size() == 1);
  CHECK(ledger.spent_since({}) == doctest::Approx(5));
  ledger.keep(rows, {entry("c", 4), entry("d", 0.5)}, clock.now());
  CHECK(ledger.spent_since({}, person.id) == doctest::Approx(5.5));
}

TEST_CASE_FIXTURE(Fixture, "an entry for an unknown purpose is refused") {
  CHECK_THROWS_AS(spend(1, person.id, store::Purpose{99}), std::runtime_error);
  CHECK(ledger.spent_since({}) == 0);
}

}  // namespace

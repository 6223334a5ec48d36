#include <algorithm>

#include <doctest/doctest.h>

#include "bot/runs/budget.h"
#include "bot/runs/budget_alerts.h"
#include "store/ledger.h"
#include "tests/support/services_fixture.h"

namespace {

class Budgeted : public support::ServicesFixture {
 public:
  Budgeted()
      : ada(store::People(db).remember("ops", "u-1", "Ada", clock.now())),
        budgets(services, db, ada.id, conversation) {
    settings.secretary.timezone = "UTC";
  }

  void set(const bot::runtime::Budget& budget) {
    policy.budget = budget;
    policy_holder.with([&](auto& held) { held = std::make_shared<const bot::runtime::Policy>(policy); });
  }

  bool over() {
    const auto left = budgets.left();
    return left && *left <= 0;
  }

  store::Person ada;
  bot::runs::Budgets budgets;
};

}  // namespace

TEST_CASE_FIXTURE(Budgeted, "what runs now counts against the day's budget, for all and for one person") {
  CHECK(budgets.most_for_a_run({1}) == 0);
  CHECK_FALSE(over());
  set({.usd_per_day = 2.0, .usd_per_user_per_day = 1.5, .usd_per_run = 5.0});
  CHECK(budgets.most_for_a_run({1}) == doctest::Approx(1.5));
  runs.enter({1});
  runs.enter({2});
  runs.note_unbooked({1}, ada.id, 0.5);
  runs.note_unbooked({2}, {99}, 1.0);
  CHECK(runs.unbooked() == doctest::Approx(1.5));
  CHECK(budgets.most_for_a_run({1}) == doctest::Approx(0.5));
  CHECK_FALSE(over());
  runs.note_unbooked({2}, {99}, 1.6);
  CHECK(over());
  runs.leave({2});
  CHECK_FALSE(over());
  runs.note_unbooked({1}, ada.id, 1.5);
  CHECK(over());
  // A limit that is reached already is still one.
  CHECK(budgets.most_for_a_run({1}) > 0);
}

TEST_CASE_FIXTURE(Budgeted, "each kind of budget is used up by what it counts, and resets in its time") {
  const auto spend = [&](double usd, store::PersonId who, store::ConversationId where) {
    store::LedgerEntry entry;
    entry.conversation = where;
    entry.person = who;
    entry.usd = usd;
    store::Ledger(db).add(entry, clock.now());
  };
  const auto elsewhere = store::Conversations(db).open("web", "c-2", clock.now());
  set({.usd_per_day = 10.0,
       .usd_per_user_per_day = 2.0,
       .usd_per_run = {},
       .usd_per_month = 12.0,
       .chat_usd_per_day = {{"web:c-1", 3.0}}});
  spend(1.9, ada.id, elsewhere.id);
  CHECK_FALSE(budgets.used_up());
  spend(0.1, ada.id, elsewhere.id);
  CHECK(budgets.used_up()->key == "budget.usd_per_user_per_day");
  const auto bob = store::People(db).remember("ops", "u-2", "Bob", clock.now());
  bot::runs::Budgets of_bob(services, db, bob.id, conversation);
  CHECK_FALSE(of_bob.used_up());
  spend(3, person.id, conversation.id);
  CHECK(of_bob.used_up()->budget == "this chat's budget of $3.00 for today");
  CHECK_FALSE(bot::runs::Budgets(services, db, bob.id, elsewhere).used_up());
  spend(5, person.id, elsewhere.id);
  CHECK(bot::runs::Budgets(services, db, bob.id, elsewhere).used_up()->key == "budget.usd_per_day");
  clock.advance(std::chrono::hours(24));
  CHECK_FALSE(of_bob.used_up());
  spend(2, person.id, elsewhere.id);
  CHECK(of_bob.used_up()->resets == bot::texts::kNextMonth);
  clock.advance(std::chrono::hours(24 * 31));
  CHECK_FALSE(of_bob.used_up());
}

TEST_CASE_FIXTURE(Budgeted, "what is raised counts until midnight, from what has been spent") {
  store::LedgerEntry entry;
  entry.person = ada.id;
  entry.usd = 41;
  store::Ledger(db).add(entry, clock.now());
  set({.usd_per_day = 0.5, .usd_per_user_per_day = {}, .usd_per_run = {}});
  REQUIRE(budgets.used_up());
  CHECK(budgets.can_be_raised());
  clock.advance(std::chrono::minutes(1));
  CHECK(budgets.raise(person.id) == std::vector<std::string>{"today's budget of $41.50"});
  CHECK(budgets.since({.name = "day"}) == clock.now());
  // What was raised for one says nothing of another.
  CHECK(budgets.since({.name = "month"}) == base::start_of_day(clock.now(), "UTC"));
  CHECK_FALSE(budgets.used_up());
  CHECK(*budgets.left() == doctest::Approx(0.5));
  CHECK(budgets.raise(person.id).empty());
  clock.advance(std::chrono::hours(24));
  store::Ledger(db).add(entry, clock.now());
  CHECK(budgets.used_up()->budget == "today's budget of $0.50");
  set({.usd_per_day = 0.0, .usd_per_user_per_day = {}, .usd_per_run = {}});
  CHECK_FALSE(budgets.can_be_raised());
}

TEST_CASE_FIXTURE(Budgeted, "the secretary goes on where the budget leaves it out") {
  set({.usd_per_day = 0.0, .usd_per_user_per_day = {}, .usd_per_run = {}});
  CHECK(budgets.used_up_for_secretary());
  set({.usd_per_day = 0.0, .usd_per_user_per_day = {}, .usd_per_run = {}, .stops_secretary = false});
  CHECK(budgets.used_up());
  CHECK_FALSE(budgets.used_up_for_secretary());
}

TEST_CASE_FIXTURE(Budgeted, "a run may cost no more than the limit for a run") {
  set({.usd_per_day = 2.0, .usd_per_user_per_day = {}, .usd_per_run = 0.25});
  CHECK(budgets.most_for_a_run({1}) == doctest::Approx(0.25));
}

namespace {

/// With an admin, who has a group and a chat of their own.
class Alerting : public Budgeted {
 public:
  Alerting() {
    admin = store::People(db).remember("ops", "boss", "The Boss", clock.now());
    alone = store::Conversations(db).open("ops", "c-boss", clock.now());
    auto group = store::Conversations(db).open("ops", "g-1", clock.now());
    store::Conversations(db).mark_as_group(group.id);
    say("hello", alone, admin);
    say("hello, all", group, admin);
    permit("ops", {.admins = {"boss", "never wrote"}});
  }
  void spend(double usd) {
    store::LedgerEntry entry;
    entry.conversation = conversation.id;
    entry.person = ada.id;
    entry.usd = usd;
    store::Ledger(db).add(entry, clock.now());
    bot::runs::tell_spent_shares(services, db, ada.id, conversation);
  }
  /// What the admin has been told since the last call.
  std::vector<std::string> told() {
    std::vector<std::string> texts;
    for (const auto& message : store::Conversations(db).history(alone.id, std::nullopt, 100)) {
      if (message.author == store::Author::assistant && message.id.value > last_) {
        texts.push_back(message.text);
        last_ = message.id.value;
      }
    }
    return texts;
  }

  store::Person admin;
  store::Conversation alone;

 private:
  std::int64_t last_ = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Alerting,
                  "the admins are told once of each share of a budget, and of several the largest") {
  set({.usd_per_day = 10.0, .usd_per_user_per_day = {}, .usd_per_run = {}});
  spend(4.9);
  CHECK(told().empty());
  spend(0.2);
  CHECK(told() ==
        std::vector<std::string>{
            "**Budget:** 50 % of today's budget of $10.00 is spent: $5.10 so far (`budget.usd_per_day`)."});
  spend(0.1);
  CHECK(told().empty());
  spend(4.0);
  CHECK(told() ==
        std::vector<std::string>{
            "**Budget:** 90 % of today's budget of $10.00 is spent: $9.20 so far (`budget.usd_per_day`)."});
  spend(3.0);
  CHECK(told().empty());
  clock.advance(std::chrono::hours(24));
  spend(6.0);
  CHECK(told().size() == 1);
}

TEST_CASE_FIXTURE(Alerting,
                  "a share of a person's, a chat's and a month's budget is told, each by its name") {
  set({.usd_per_day = {},
       .usd_per_user_per_day = 2.0,
       .usd_per_run = {},
       .usd_per_month = 4.0,
       .chat_usd_per_day = {{"web:c-1", 3.0}}});
  spend(1.6);
  auto texts = told();
  std::sort(texts.begin(), texts.end());
  REQUIRE(texts.size() == 2);
  CHECK(texts[1].find("75 % of Ada's budget of $2.00 for today is spent") != std::string::npos);
  CHECK(texts[0].find("50 % of the budget of $3.00 for today in the chat `web:c-1`") != std::string::npos);
  clock.advance(std::chrono::hours(24));
  spend(0.5);
  CHECK(told().at(0).find("50 % of this month's budget of $4.00") != std::string::npos);
  clock.advance(std::chrono::hours(24));
  spend(0.1);
  CHECK(told().empty());
}

TEST_CASE_FIXTURE(Alerting, "without shares nobody is told") {
  bot::runtime::Budget budget{.usd_per_day = 1.0, .usd_per_user_per_day = {}, .usd_per_run = {}};
  budget.alert_at.clear();
  set(budget);
  spend(5);
  CHECK(told().empty());
}

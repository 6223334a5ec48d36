#include "bot/runs/budget.h"

#include <algorithm>

#include "base/clock.h"
#include "bot/texts/budget.h"
#include "store/ledger.h"

namespace bot::runs {
namespace {

constexpr double kSmallestLimit = 0.0001;

}  // namespace

std::optional<std::string> Budgets::refusal(store::PersonId person) {
  const auto policy = services_.policy();
  const auto since = base::start_of_day(services_.clock.now(), services_.settings.secretary.timezone);
  store::Ledger ledger(db_);
  if (const auto limit = policy->budget.usd_per_day) {
    if (const auto spent = ledger.spent_since(since); spent >= *limit) {
      return texts::day_budget_used_up(*limit, spent);
    }
  }
  if (const auto limit = policy->budget.usd_per_user_per_day) {
    if (const auto spent = ledger.spent_since(since, person); spent >= *limit) {
      return texts::own_budget_used_up(*limit, spent);
    }
  }
  return std::nullopt;
}

std::optional<double> Budgets::left_today(store::PersonId person) {
  const auto budget = services_.policy()->budget;
  std::optional<double> left;
  if (!budget.usd_per_day && !budget.usd_per_user_per_day) {
    return left;
  }
  const auto since = base::start_of_day(services_.clock.now(), services_.settings.secretary.timezone);
  store::Ledger ledger(db_);
  if (budget.usd_per_day) {
    left = *budget.usd_per_day - ledger.spent_since(since) - services_.runs.unbooked();
  }
  if (budget.usd_per_user_per_day) {
    const auto own =
        *budget.usd_per_user_per_day - ledger.spent_since(since, person) - services_.runs.unbooked(person);
    left = std::min(left.value_or(own), own);
  }
  return left;
}

double Budgets::most_for_a_run(store::PersonId person, store::DispatchId dispatch) {
  auto most = services_.policy()->budget.usd_per_run;
  if (most) {
    *most -= store::Ledger(db_).spent_on(dispatch);
  }
  if (const auto left = left_today(person)) {
    most = std::min(most.value_or(*left), *left);
  }
  // A limit that is reached already is still one.
  return most ? std::max(*most, kSmallestLimit) : 0;
}

}  // namespace bot::runs

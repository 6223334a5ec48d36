#include "bot/runs/budget.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/clock.h"
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
      return fmt::format(
          "I did not start the specialist: today's budget of ${:.2f} is used up (${:.2f} spent). It begins "
          "anew at midnight; "
          "the operator can raise budget.usd_per_day.",
          *limit, spent);
    }
  }
  if (const auto limit = policy->budget.usd_per_user_per_day) {
    if (const auto spent = ledger.spent_since(since, person); spent >= *limit) {
      return fmt::format(
          "I did not start the specialist: your budget of ${:.2f} for today is used up (${:.2f} spent). It "
          "begins anew at "
          "midnight; the operator can raise budget.usd_per_user_per_day.",
          *limit, spent);
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
    left = *budget.usd_per_day - ledger.spent_since(since) - services_.runs.spent();
  }
  if (budget.usd_per_user_per_day) {
    const auto own =
        *budget.usd_per_user_per_day - ledger.spent_since(since, person) - services_.runs.spent(person);
    left = std::min(left.value_or(own), own);
  }
  return left;
}

double Budgets::most_for_a_run(store::PersonId person) {
  auto most = services_.policy()->budget.usd_per_run;
  if (const auto left = left_today(person)) {
    most = std::min(most.value_or(*left), *left);
  }
  // A limit that is reached already is still one.
  return most ? std::max(*most, kSmallestLimit) : 0;
}

}  // namespace bot::runs

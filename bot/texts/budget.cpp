#include "bot/texts/budget.h"

#include <fmt/core.h>

namespace bot::texts {

std::string day_budget_used_up(double limit, double spent) {
  return fmt::format(
      "I did not start the specialist: today's budget of ${:.2f} is used up (${:.2f} spent). It resets at "
      "midnight; the operator can raise budget.usd_per_day.",
      limit, spent);
}

std::string own_budget_used_up(double limit, double spent) {
  return fmt::format(
      "I did not start the specialist: your budget of ${:.2f} for today is used up (${:.2f} spent). It resets "
      "at midnight; the operator can raise budget.usd_per_user_per_day.",
      limit, spent);
}

}  // namespace bot::texts

#include "bot/texts/budget.h"

#include <fmt/core.h>

namespace bot::texts {
namespace {

std::string refusal(const char* what, const UsedUp& budget) {
  return fmt::format("{}: {} is used up (${:.2f} spent). It resets {}; the operator can raise {}.", what,
                     budget.budget, budget.spent, budget.resets, budget.key);
}

}  // namespace

std::string day_budget(double limit) {
  return fmt::format("today's budget of ${:.2f}", limit);
}

std::string own_budget(double limit) {
  return fmt::format("your budget of ${:.2f} for today", limit);
}

std::string chat_budget(double limit) {
  return fmt::format("this chat's budget of ${:.2f} for today", limit);
}

std::string month_budget(double limit) {
  return fmt::format("this month's budget of ${:.2f}", limit);
}

std::string not_answered(const UsedUp& budget) {
  return refusal("I cannot answer now", budget);
}

std::string not_dispatched(const UsedUp& budget) {
  return refusal("I did not start the specialist", budget);
}

std::string raised(const std::string& budget) {
  return fmt::format("Raised: {} counts until midnight.", budget);
}

std::string raised_by(const std::string& name) {
  return fmt::format("Raised for today by {}.", name);
}

std::string used_up_meanwhile(const UsedUp& budget) {
  return fmt::format(
      "The budget was used up by the tasks that are running, so this one was stopped. It resets {}; the operator can "
      "raise it.",
      budget.resets);
}

}  // namespace bot::texts

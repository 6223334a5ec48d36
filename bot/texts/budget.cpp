#include "bot/texts/budget.h"

#include <fmt/core.h>

#include "base/money.h"
#include "bot/markup/literal_markdown.h"

namespace bot::texts {
namespace {

std::string refusal(const char* what, const UsedUp& budget) {
  return fmt::format("{}: {} is used up ({} spent). It resets {}; the operator can raise {}.", what,
                     budget.budget, base::format_usd(budget.spent), budget.resets, budget.key);
}

}  // namespace

std::string day_budget(double limit) {
  return fmt::format("today's budget of {}", base::format_set_usd(limit));
}

std::string own_budget(double limit) {
  return fmt::format("your budget of {} for today", base::format_set_usd(limit));
}

std::string chat_budget(double limit) {
  return fmt::format("this chat's budget of {} for today", base::format_set_usd(limit));
}

std::string month_budget(double limit) {
  return fmt::format("this month's budget of {}", base::format_set_usd(limit));
}

std::string budget_of_person(const std::string& name, double limit) {
  return fmt::format("{}'s budget of {} for today", name, base::format_set_usd(limit));
}

std::string budget_of_chat(const std::string& chat, double limit) {
  return fmt::format("the budget of {} for today in the chat {}", base::format_set_usd(limit),
                     markup::inline_code(chat));
}

std::string budget_alert(const std::string& budget, double share, double spent, const std::string& key) {
  return fmt::format("**Budget:** {:.0f} % of {} is spent: {} so far ({}).", share * 100, budget,
                     base::format_usd(spent), markup::inline_code(key));
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

#pragma once

#include <string>

namespace bot::texts {

// Why nothing more is spent today; amounts in US dollars.

std::string day_budget_used_up(double limit, double spent);
std::string own_budget_used_up(double limit, double spent);
/// Of a task that was stopped.
inline constexpr const char* kBudgetUsedUpMeanwhile =
    "Today's budget was used up by the tasks that are running, so this one was stopped. It resets at midnight; "
    "the operator can raise it.";

}  // namespace bot::texts

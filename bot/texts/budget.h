#pragma once

#include <string>

namespace bot::texts {

// Why nothing more is spent today; amounts in US dollars.

// What a budget is called; to stand in a sentence.
std::string day_budget(double limit);
std::string own_budget(double limit);
std::string chat_budget(double limit);
std::string month_budget(double limit);

// The same where it is not said to those whose budget it is; `name` is Markdown.
std::string budget_of_person(const std::string& name, double limit);
std::string budget_of_chat(const std::string& chat, double limit);

/// To the admins: `share` (0..1) of a budget is spent. `key` is that of the configuration.
std::string budget_alert(const std::string& budget, double share, double spent, const std::string& key);

/// A budget that is used up.
struct UsedUp {
  std::string budget;  ///< what it is called
  double spent = 0;
  std::string resets;  ///< kAtMidnight or kNextMonth
  std::string key;     ///< of the configuration
  std::string name;    ///< in the store
};
inline constexpr const char* kAtMidnight = "at midnight";
inline constexpr const char* kNextMonth = "when the month ends";

std::string not_answered(const UsedUp& budget);
std::string not_dispatched(const UsedUp& budget);
/// To whoever has been told already.
inline constexpr const char* kStillUsedUp = "The budget is still used up.";
/// Of a task that was stopped.
std::string used_up_meanwhile(const UsedUp& budget);

/// `budget` as above, with its new limit.
std::string raised(const std::string& budget);
/// Below the message that offered to raise a budget.
std::string raised_by(const std::string& name);
inline constexpr const char* kSendAgain = "Please send me again what I did not do.";

}  // namespace bot::texts

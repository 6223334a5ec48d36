#include "bot/texts/console_operations.h"

#include <fmt/core.h>

#include "base/money.h"

namespace bot::texts {

std::string unknown_action(const std::string& action) {
  return fmt::format("There is no action \"{}\" here.", action);
}

std::string unknown_value(const std::string& name, const std::string& allowed) {
  return fmt::format("\"{}\" is to be one of: {}.", name, allowed);
}

std::string role_in_file(const std::string& role, const std::string& key) {
  return fmt::format("The configuration makes them {} by {}; take their id out there.", role, key);
}

std::string listed_in_file(const std::string& keys) {
  return fmt::format("The configuration lets them in by {}; take their id out there, then block them here.",
                     keys);
}

std::string no_answer_yet(std::chrono::seconds since) {
  return fmt::format("no answer for {} s; it may still come", since.count());
}

std::string cannot_erase_now(const std::string& what) {
  return fmt::format("{} of theirs is still at work; wait for its end, or cancel it first.", what);
}

std::string asks_whether_to_call(const std::string& tool, const std::string& server) {
  return fmt::format("The secretary asked whether to call {} of {}", tool, server);
}

std::string may_be_done(const std::string& tool, const std::string& server) {
  return fmt::format("Nobody can tell whether {} of {} was done", tool, server);
}

std::string share_spent(const std::string& budget, double share, double spent, double limit) {
  return fmt::format("{:.0f} % of the budget {} is spent: {} of {}", share * 100, budget,
                     base::format_usd(spent), base::format_set_usd(limit));
}

}  // namespace bot::texts

#include "bot/texts/made_calls.h"

#include <fmt/core.h>

namespace bot::texts {

std::string made_before_failure(const std::string& calls) {
  return fmt::format(
      "\n\nBefore that I called these tools, and nothing of it is undone. Please look before you ask for it "
      "again:\n\n{}",
      calls);
}

std::string made_call(const std::string& tool, const std::string& arguments, Made made) {
  const char* const end = made == Made::done     ? "done, as the tool says"
                          : made == Made::seen   ? "done, and looked at afterwards"
                          : made == Made::failed ? "failed"
                                                 : "I do not know whether it was done";
  return fmt::format("- {}: {}{}\n", tool, end, arguments.empty() ? "" : " (" + arguments + ")");
}

std::string same_call_before(const std::string& when, Made made) {
  return fmt::format("**This same call was made before, on {}: {}.**\n\n", when,
                     made == Made::done   ? "it was done, as the tool says"
                     : made == Made::seen ? "it was done, and looked at afterwards"
                                          : "nobody knows whether it was done");
}

}  // namespace bot::texts

#include "tests/fuzz/slack_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

// Slash commands, and clicks in the field "payload".
void slack_form(std::string_view input) {
  check_slack_call(input, "application/x-www-form-urlencoded");
}

}  // namespace fuzz

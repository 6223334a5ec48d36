#include "tests/fuzz/slack_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void slack_events(std::string_view input) {
  check_slack_call(input, "application/json");
}

}  // namespace fuzz

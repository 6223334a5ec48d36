#include <doctest/doctest.h>

#include "base/rfc3339.h"
#include "bot/demo/reminders.h"
#include "tests/support/text.h"

using support::contains;

namespace {

const auto kNow = base::parse_rfc3339("2026-11-22T16:05:00Z").value();

/// "text at time" of the call that the demo makes.
std::string reminder_of(const std::string& text) {
  const auto turn = bot::demo::remind(text, kNow);
  if (!turn || turn->tool != "set_reminder") {
    return turn ? turn->text : "";
  }
  return turn->arguments.at(0).second + " at " + turn->arguments.at(1).second;
}

}  // namespace

TEST_CASE("the demo sets a reminder from one sentence") {
  CHECK(reminder_of("Remind me in two minutes to stretch") == "stretch at 2026-11-22T16:07:00.000Z");
  CHECK(reminder_of("remind me to call Mum in an hour.") == "call Mum at 2026-11-22T17:05:00.000Z");
  CHECK(reminder_of("Could you remind me in 30 seconds to look up?") ==
        "look up? at 2026-11-22T16:05:30.000Z");
  CHECK(reminder_of("remind me to go to the shop in 2 days") == "go to the shop at 2026-11-24T16:05:00.000Z");
  CHECK(reminder_of("Remind me in one minute and 30 seconds to blink") ==
        "blink at 2026-11-22T16:06:30.000Z");
  CHECK(reminder_of("remind me to stretch in one hour, 20 minutes and 5 seconds.") ==
        "stretch at 2026-11-22T17:25:05.000Z");
  CHECK(reminder_of("remind me in an hour and a half to eat") == "eat at 2026-11-22T17:35:00.000Z");
  CHECK(reminder_of("remind me in a minute and no later to go") == "go at 2026-11-22T16:06:00.000Z");
  CHECK(contains(reminder_of("remind me when it rains"), "such as"));
  CHECK(reminder_of("what is a mutex?").empty());
  CHECK(bot::demo::remind("which reminders do I have?", kNow)->tool == "list_reminders");
  CHECK(contains(
      bot::demo::reminder_set("Set for 2026-11-22 17:07 (Europe/Zurich). Tell the person this time."),
      "remind you at 2026-11-22 17:07 (Europe/Zurich)."));
}

// What is there otherwise than it was asked for.
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/tools/argument_times.h"
#include "bot/tools/changes.h"
#include "tests/support/text.h"

using bot::tools::changes_between;
using nlohmann::json;
using support::contains;

namespace {

constexpr const char* kBerlin = "Europe/Berlin";

bot::tools::Changes moved_to(const json& start, const std::string& asked = "2026-12-01T14:00:00+01:00") {
  const json before = {{{"uid", "u"}, {"start", "2026-12-01T09:00:00Z"}}};
  const json after = {{{"uid", "u"}, {"start", start}}};
  return changes_between(base::dump_json(before), base::dump_json(after),
                         base::dump_json({{"uid", "u"}, {"start", asked}}), kBerlin);
}

}  // namespace

TEST_CASE("a single value that is there otherwise than asked is marked") {
  const auto wrong = moved_to("2026-12-01T11:00:00Z");
  CHECK(contains(wrong.lines, "! start: 2026-12-01T11:00:00Z"));
  REQUIRE(wrong.otherwise.size() == 1);
  CHECK(wrong.otherwise[0].asked == "2026-12-01 14:00 Europe/Berlin");
  CHECK(wrong.otherwise[0].there == "2026-12-01 12:00 Europe/Berlin");
  CHECK_FALSE(wrong.has_unasked);
}

TEST_CASE("the same instant in any notation is as asked") {
  for (const char* const there : {"2026-12-01T13:00:00.000Z", "20261201T130000Z", "2026-12-01T14:00:00+0100",
                                  "2026-12-01 14:00", "2026-12-01T08:00:00 America/New_York",
                                  "2026-12-01T14:00:00[Europe/Berlin]", "2026-12-01 13:00 UTC"}) {
    CAPTURE(there);
    CHECK(moved_to(there).otherwise.empty());
  }
  CHECK(moved_to({{"dateTime", "2026-12-01T08:00:00"}, {"timeZone", "America/New_York"}}).otherwise.empty());
  CHECK(moved_to("half past").otherwise.empty());  // nobody can tell
  CHECK(moved_to("2026-12-01T08:00:00 Europe/Berlin").otherwise.size() == 1);
  CHECK(moved_to("2026-12-24T00:00:00+01:00", "2026-12-24").otherwise.empty());
  CHECK(moved_to("2026-12-26T00:00:00+01:00", "2026-12-24").otherwise.size() == 1);
}

TEST_CASE("of what was made each value is compared, also a day that became another") {
  const auto made = changes_between(
      "[]",
      R"([{"uid":"n","summary":"Christmas","start":"2026-12-23T00:00:00Z","end":"2026-12-24T23:00:00Z"}])",
      R"({"summary":"Christmas","start":"2026-12-24T00:00:00+01:00","end":"2026-12-25T00:00:00+01:00"})",
      kBerlin);
  CHECK(contains(made.lines, "! start: 2026-12-23"));
  CHECK(contains(made.lines, "+ end: 2026-12-24T23"));
  CHECK(contains(made.lines, "+ summary: Christmas"));
  CHECK(made.otherwise.size() == 1);
}

TEST_CASE("a value that was not taken is told where another one was, and not where it is another matter") {
  const char* const before = R"([{"uid":"u","summary":"A","start":"2026-12-01T09:00:00Z"}])";
  const char* const after = R"([{"uid":"u","summary":"B","start":"2026-12-01T09:00:00Z"}])";
  const auto half =
      changes_between(before, after, R"({"uid":"u","summary":"B","start":"2026-12-02T09:00:00Z"})", kBerlin);
  REQUIRE(half.otherwise.size() == 1);
  CHECK(half.otherwise[0].name == "start");
  const auto answered = changes_between(R"({"id":"1","body":"Lunch?","flags":""})",
                                        R"({"id":"1","body":"Lunch?","flags":"answered"})",
                                        R"({"id":"1","body":"Noon is fine"})", kBerlin);
  CHECK(answered.otherwise.empty());
}

TEST_CASE("lines of names and values are compared, too, and addresses with their names are the same") {
  const auto lines = changes_between("Title: A\nDue: 2026-12-01", "Title: A\nDue: 2026-12-03",
                                     R"({"due":"2026-12-02"})", kBerlin);
  CHECK(contains(lines.lines, "! Due: 2026-12-03"));
  CHECK(changes_between("", "To: Bob <bob@example.org>", R"({"to":"bob@example.org"})", kBerlin)
            .otherwise.empty());
}

TEST_CASE("days are shown as days") {
  const json whole = {{"wholeDay", true}};
  CHECK(bot::tools::times_in("2026-12-24T12:00:00+01:00", whole, kBerlin) == " (the day 2026-12-24)");
  CHECK(bot::tools::times_in("2026-12-24T00:00:00+01:00", whole, kBerlin) ==
        " (the day 2026-12-24 Europe/Berlin, 2026-12-23 by UTC)");
  CHECK(bot::tools::times_in("Christmas", whole, kBerlin).empty());
}

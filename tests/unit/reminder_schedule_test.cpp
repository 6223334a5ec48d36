// When reminders come again: five cron fields in a zone whose clocks are set forward and back.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/rfc3339.h"
#include "bot/reminders/asked_time.h"
#include "bot/reminders/schedule.h"
#include "tests/support/text.h"

using bot::reminders::Schedule;
using support::contains;

namespace {

using Times = std::vector<std::string>;

Schedule schedule(const std::string& fields) {
  const auto parsed = Schedule::parse(fields);
  INFO(fields);
  REQUIRE(std::holds_alternative<Schedule>(parsed));
  return std::get<Schedule>(parsed);
}

/// The next ones after a time, each with the offset of the zone then.
Times next(const std::string& fields, const std::string& after, const std::string& zone, int count) {
  const auto s = schedule(fields);
  Times times;
  auto at = base::parse_rfc3339(after);
  REQUIRE(at);
  for (int i = 0; i < count && at; ++i) {
    at = s.next(*at, zone);
    times.push_back(at ? bot::reminders::rfc3339_in(*at, zone) : "never");
  }
  return times;
}

std::string why_not(const std::string& fields) {
  const auto parsed = Schedule::parse(fields);
  const auto* const malformed = std::get_if<Schedule::Malformed>(&parsed);
  return malformed == nullptr ? "" : malformed->why;
}

}  // namespace

TEST_CASE("a schedule understands numbers, names, ranges, lists and steps") {
  CHECK(next("30 9 * * *", "2026-11-27T10:00:00+01:00", "Europe/Zurich", 2) ==
        Times{"2026-11-28T09:30:00+01:00", "2026-11-29T09:30:00+01:00"});
  CHECK(next("0 9 * * 1-5", "2026-11-27T09:00:00+01:00", "Europe/Zurich", 2) ==
        Times{"2026-11-30T09:00:00+01:00", "2026-12-01T09:00:00+01:00"});
  CHECK(next("0 9 * * mon,WED", "2026-11-27T09:00:00+01:00", "Europe/Zurich", 2) ==
        Times{"2026-11-30T09:00:00+01:00", "2026-12-02T09:00:00+01:00"});
  CHECK(next("*/20 8-9 1 jan *", "2026-11-27T09:00:00Z", "UTC", 7) ==
        Times{"2027-01-01T08:00:00+00:00", "2027-01-01T08:20:00+00:00", "2027-01-01T08:40:00+00:00",
              "2027-01-01T09:00:00+00:00", "2027-01-01T09:20:00+00:00", "2027-01-01T09:40:00+00:00",
              "2028-01-01T08:00:00+00:00"});
  CHECK(next("5/25 0 * * *", "2026-11-27T00:00:00Z", "UTC", 3) ==
        Times{"2026-11-27T00:05:00+00:00", "2026-11-27T00:30:00+00:00", "2026-11-27T00:55:00+00:00"});
  // Sunday is 0 and 7.
  CHECK(next("0 0 * * 7", "2026-11-27T00:00:00Z", "UTC", 1) == Times{"2026-11-29T00:00:00+00:00"});
  CHECK(next("0 0 * * 0", "2026-11-27T00:00:00Z", "UTC", 1) == Times{"2026-11-29T00:00:00+00:00"});
  CHECK(next("0 0 * * 5-7", "2026-11-27T00:00:00Z", "UTC", 3) ==
        Times{"2026-11-28T00:00:00+00:00", "2026-11-29T00:00:00+00:00", "2026-12-04T00:00:00+00:00"});
}

TEST_CASE("of two restricted days either counts, as cron does it") {
  CHECK(next("0 12 13 * 5", "2026-11-01T00:00:00Z", "UTC", 4) ==
        Times{"2026-11-06T12:00:00+00:00", "2026-11-13T12:00:00+00:00", "2026-11-20T12:00:00+00:00",
              "2026-11-27T12:00:00+00:00"});
  CHECK(next("0 12 1 * 5", "2026-11-27T13:00:00Z", "UTC", 2) ==
        Times{"2026-12-01T12:00:00+00:00", "2026-12-04T12:00:00+00:00"});
  // A field that begins with a star restricts together with the other one.
  CHECK(next("0 0 */2 * mon", "2026-11-01T00:00:00Z", "UTC", 2) ==
        Times{"2026-11-09T00:00:00+00:00", "2026-11-23T00:00:00+00:00"});
}

TEST_CASE("a rare day is found, and one that never comes is told") {
  CHECK(next("0 0 29 2 *", "2026-03-01T00:00:00Z", "UTC", 2) ==
        Times{"2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"});
  CHECK(next("0 0 31 4 *", "2026-03-01T00:00:00Z", "UTC", 1) == Times{"never"});
}

TEST_CASE("a schedule that makes no sense is refused with its field") {
  CHECK(contains(why_not("* * * *"), "five fields"));
  CHECK(contains(why_not("* * * * * *"), "not 6"));
  CHECK(contains(why_not(""), "not 0"));
  CHECK(contains(why_not("60 * * * *"), "\"60\" is no minute"));
  CHECK(contains(why_not("0 24 * * *"), "\"24\" is no hour"));
  CHECK(contains(why_not("0 0 0 * *"), "\"0\" is no day of the month"));
  CHECK(contains(why_not("0 0 * mon *"), "is no month"));
  CHECK(contains(why_not("0 0 * * 8"), "is no day of the week"));
  for (const char* fields : {"a * * * *", "1- * * * *", "5-1 * * * *", "*/0 * * * *", "*/x * * * *",
                             "1,,2 * * * *", "-1 * * * *", "1/ * * * *", "1.5 * * * *", "* * * ja *",
                             "@daily", "100 * * * *", "* * * * unm", "1-2-3 * * * *", "1/2/3 * * * *"}) {
    CAPTURE(fields);
    CHECK_FALSE(why_not(fields).empty());
  }
}

TEST_CASE("the shortest pause is known, also over midnight") {
  using std::chrono::minutes;
  CHECK(schedule("* * * * *").shortest_pause() == minutes(1));
  CHECK(schedule("*/5 * * * *").shortest_pause() == minutes(5));
  CHECK(schedule("0,4 9 * * *").shortest_pause() == minutes(4));
  CHECK(schedule("58,2 * * * *").shortest_pause() == minutes(4));
  CHECK(schedule("58 23 * * *").shortest_pause() == minutes(1440));
  CHECK(schedule("1,59 0,23 * * *").shortest_pause() == minutes(2));
  CHECK(schedule("0 9,17 * * *").shortest_pause() == minutes(480));
}

TEST_CASE("a time that the clocks are set forward over comes once, right after that") {
  CHECK(next("30 2 * * *", "2026-03-27T12:00:00+01:00", "Europe/Zurich", 3) ==
        Times{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"});
  // Several of them are one.
  CHECK(next("0,30 2,3 * * *", "2026-03-29T00:00:00+01:00", "Europe/Zurich", 3) ==
        Times{"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"});
  // What comes every hour goes on.
  CHECK(next("15 * * * *", "2026-03-29T01:15:00+01:00", "Europe/Zurich", 2) ==
        Times{"2026-03-29T03:15:00+02:00", "2026-03-29T04:15:00+02:00"});
  // Half an hour on Lord Howe Island.
  CHECK(next("15 2 * * *", "2026-10-03T12:00:00+10:30", "Australia/Lord_Howe", 2) ==
        Times{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"});
  // At midnight.
  CHECK(next("0 0 * * *", "2024-04-25T12:00:00+02:00", "Africa/Cairo", 2) ==
        Times{"2024-04-26T01:00:00+03:00", "2024-04-27T00:00:00+03:00"});
  // Apia had no 30 December 2011.
  CHECK(next("0 9 * * *", "2011-12-29T08:00:00-10:00", "Pacific/Apia", 4) ==
        Times{"2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00",
              "2012-01-01T09:00:00+14:00"});
}

TEST_CASE("a time that the clocks are set back over comes once") {
  CHECK(next("30 2 * * *", "2026-10-24T12:00:00+02:00", "Europe/Zurich", 3) ==
        Times{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00", "2026-10-27T02:30:00+01:00"});
  CHECK(next("30 2 * * *", "2026-10-25T02:10:00+01:00", "Europe/Zurich", 1) ==
        Times{"2026-10-26T02:30:00+01:00"});
  CHECK(next("0 * * * *", "2026-10-25T01:00:00+02:00", "Europe/Zurich", 3) ==
        Times{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"});
  CHECK(next("45 1 * * *", "2026-04-04T12:00:00+11:00", "Australia/Lord_Howe", 2) ==
        Times{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"});
  // Over midnight, back into the day before.
  CHECK(next("30 23 * * *", "2018-02-17T12:00:00-02:00", "America/Sao_Paulo", 2) ==
        Times{"2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"});
  CHECK(next("30 0 * * *", "2026-10-31T12:00:00-04:00", "America/Havana", 2) ==
        Times{"2026-11-01T00:30:00-04:00", "2026-11-02T00:30:00-05:00"});
}

TEST_CASE("over years of any zone, times only go forward, keep to the fields and miss no day") {
  for (const char* zone : {"Europe/Zurich", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia",
                           "Africa/Casablanca", "Asia/Tehran", "Asia/Kathmandu", "America/St_Johns"}) {
    CAPTURE(zone);
    const auto daily = schedule("20 2 * * *");
    auto at = base::parse_rfc3339("2009-01-01T12:00:00Z").value();
    for (int i = 0; i < 1500; ++i) {
      const auto following = daily.next(at, zone).value();
      REQUIRE(following > at);
      // 23 to 25 hours, but for the skipped day, which comes when it would have begun.
      REQUIRE(following - at <= std::chrono::hours(25));
      const auto t = base::local_time(following, zone);
      const bool as_written = t.hour == 2 && t.minute == 20;
      // Else the clocks have just been set forward.
      REQUIRE((as_written ||
               base::local_time(following - std::chrono::seconds(1), zone).utc_offset_s < t.utc_offset_s));
      at = following;
    }
  }
}

namespace {

constexpr const char* kZurich = "Europe/Zurich";

std::string asked(const std::string& text, const std::string& now = "2026-01-10T12:00:00+01:00") {
  const auto time = bot::reminders::asked_time(text, kZurich, base::parse_rfc3339(now).value());
  const auto* const none = std::get_if<bot::reminders::NoTime>(&time);
  return none != nullptr ? none->why : bot::reminders::rfc3339_in(std::get<base::Timestamp>(time), kZurich);
}

}  // namespace

TEST_CASE("the time of a model is taken as it is meant, or refused with what it must know") {
  CHECK(asked("2026-03-01T09:00:00+01:00") == "2026-03-01T09:00:00+01:00");
  CHECK(asked("2026-07-01T09:00:00+02:00") == "2026-07-01T09:00:00+02:00");
  CHECK(asked("2026-07-01T09:00:00Z") == "2026-07-01T11:00:00+02:00");
  CHECK(asked("2026-07-01T09:00:00-04:00") == "2026-07-01T15:00:00+02:00");  // of another zone
  CHECK(contains(asked("2026-01-10T11:59:00+01:00"), "has passed: it is now 2026-01-10T12:00:00+01:00"));
  CHECK(contains(asked("tomorrow"), "RFC 3339"));
  CHECK(contains(asked("2026-07-01T09:00:00"), "with its offset"));
  CHECK(asked("9999-12-31T22:59:59Z") == "9999-12-31T23:59:59+01:00");
  CHECK(contains(asked("9999-12-31T23:59:59Z"), "beyond the year 9999"));
  // The offset of winter in summer.
  CHECK(contains(asked("2026-07-01T09:00:00+01:00"), "2026-07-01T09:00:00+02:00"));
}

TEST_CASE("a time that exists twice or not at all is for the person to say") {
  CHECK(contains(asked("2026-03-29T02:30:00+01:00"), "there is no 2026-03-29 02:30"));
  CHECK(contains(asked("2026-03-29T02:30:00+02:00"), "to 2026-03-29 03:00"));
  CHECK(asked("2026-03-29T03:30:00+02:00") == "2026-03-29T03:30:00+02:00");
  for (const char* text : {"2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"}) {
    CHECK(contains(asked(text), "2026-10-25 02:30 twice: first at offset +02:00, then at +01:00"));
    CHECK(contains(asked(text), "Ask the person"));
  }
  CHECK(asked("2026-10-25T01:30:00Z") == "2026-10-25T02:30:00+01:00");  // as it is told to give it then
}

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/rfc3339.h"
#include "bot/cli/log_reading.h"

// What no entry of the log can ever match is a wrong question.

TEST_SUITE("log_filter") {
  TEST_CASE("a chat is SECTION or SECTION:ID, a person the second") {
    for (const char* text : {":c1", "ops:"}) {
      for (const auto member : {&bot::cli::LogOptions::chat, &bot::cli::LogOptions::user}) {
        bot::cli::LogOptions options;
        options.*member = text;
        CHECK_THROWS_WITH_AS(bot::cli::filter_of(options, 0, "UTC"), doctest::Contains("SECTION:ID"),
                             base::ConfigError);
      }
    }
    bot::cli::LogOptions options;
    options.user = "c1";
    CHECK_THROWS_WITH_AS(bot::cli::filter_of(options, 0, "UTC"), doctest::Contains("SECTION:ID, such as"),
                         base::ConfigError);
    options.user.clear();
    for (const char* chat : {"ops", "ops:c:1"}) {
      options.chat = chat;
      CHECK(bot::cli::filter_of(options, 0, "UTC").chat == chat);
    }
  }

  TEST_CASE("no time is both late enough and early enough") {
    bot::cli::LogOptions options;
    options.since = "2026-11-20";
    options.until = "2026-11-19";
    CHECK_THROWS_WITH_AS(bot::cli::filter_of(options, 0, "UTC"), doctest::Contains("is not before --until"),
                         base::ConfigError);
    options.until = "2026-11-20";
    CHECK(bot::cli::filter_of(options, 0, "UTC").since);
  }

  TEST_CASE("a date is a day of the zone, also where the clock is changed") {
    struct Row {
      const char *zone, *date, *begins, *ends;
    };
    for (const auto& row :
         {Row{"UTC", "2026-11-29", "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z"},
          {"Pacific/Kiritimati", "2026-11-29", "2026-11-28T10:00:00Z", "2026-11-29T10:00:00Z"},
          {"Etc/GMT+12", "2026-11-29", "2026-11-29T12:00:00Z", "2026-11-30T12:00:00Z"},
          {"Europe/Zurich", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
          {"Europe/Zurich", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
          {"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"}}) {
      CAPTURE(row.zone);
      CAPTURE(row.date);
      bot::cli::LogOptions options;
      options.since = options.until = row.date;
      const auto filter = bot::cli::filter_of(options, 0, row.zone);
      CHECK(filter.since == base::parse_rfc3339(row.begins));
      CHECK(filter.until == base::parse_rfc3339(row.ends));
    }
  }
}

// The times in a call that a person is asked about, by their own clock.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/tools/argument_times.h"

using bot::tools::times_in;
using nlohmann::json;

namespace {

std::string in_zurich(const json& value, const json& beside = json::object()) {
  return times_in(value, beside, "Europe/Zurich");
}

}  // namespace

TEST_CASE("a time is shown by the person's clock however deep it stands") {
  CHECK(in_zurich("2026-12-01T11:00:00Z") == " (2026-12-01 12:00 Europe/Zurich)");
  CHECK(in_zurich({{"dateTime", "2026-12-01T11:00:00Z"}, {"timeZone", "UTC"}}) ==
        " (2026-12-01 12:00 Europe/Zurich)");
  CHECK(in_zurich({{{"at", "2026-07-01T08:00:00-04:00"}}, {{"at", "2026-12-01T08:00:00-05:00"}}}) ==
        " (2026-07-01 14:00 Europe/Zurich, 2026-12-01 14:00 Europe/Zurich)");
}

TEST_CASE("a time without an offset is that of the zone beside it, or of none") {
  CHECK(in_zurich({{"dateTime", "2026-12-01T11:00:00"}, {"timeZone", "America/New_York"}}) ==
        " (2026-12-01 17:00 Europe/Zurich)");
  CHECK(in_zurich("2026-12-01T11:00", {{"timezone", "America/New_York"}}) ==
        " (2026-12-01 17:00 Europe/Zurich)");
  CHECK(in_zurich("2026-12-01T11:00:00") == " (no zone is named)");
}

TEST_CASE("what is no time gets none") {
  CHECK(in_zurich("tomorrow at 11").empty());
  CHECK(in_zurich("2026-12-01").empty());
  CHECK(in_zurich(json{{"n", 20261201}, {"text", "2026-13-41T99:00"}}).empty());
}

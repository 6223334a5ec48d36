#include "base/rfc3339.h"

#include <doctest/doctest.h>

using base::from_unix_ms;
using base::parse_rfc3339;

TEST_CASE("a time is written and read as RFC 3339 has it") {
  const auto at = from_unix_ms(1'763'000'000'123);
  CHECK(base::format_rfc3339(at) == "2025-11-13T02:13:20.123Z");
  CHECK(parse_rfc3339(base::format_rfc3339(at)) == at);
  CHECK(parse_rfc3339("2025-11-13T03:13:20.123+01:00") == at);
  CHECK(parse_rfc3339("2025-11-12 23:43:20.123999-02:30") == at);
  CHECK(parse_rfc3339("2025-11-13t02:13:20z") == from_unix_ms(1'763'000'000'000));
  CHECK(parse_rfc3339("2025-11-13T02:13:20.1Z") == from_unix_ms(1'763'000'000'100));
}

TEST_CASE("what is no such time is not read") {
  for (const char* text : {"", "2025-11-13", "2025-11-13T02:13:20", "2025-02-30T02:13:20Z",
                           "2025-11-13T24:00:00Z", "2025-11-13T02:13:20+1:00", "2025-11-13T02:13:20Zx",
                           "25-11-13T02:13:20Z", "2025-11-13T02:60:20Z", "2025-11-13T02:13:20+01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

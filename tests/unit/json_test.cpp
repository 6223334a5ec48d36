#include "base/json.h"

#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

TEST_CASE("what follows a NUL is no part of JSON, so there must be none") {
  CHECK(base::parse_json("{} "));
  CHECK_FALSE(base::parse_json(std::string_view("{}\0", 3)));
  CHECK_FALSE(base::parse_json(std::string_view("{}\0x", 4)));
  CHECK(base::parse_json("\"\\u0000\"") == nlohmann::json(std::string(1, '\0')));
}

TEST_CASE("a whole number that does not fit is none") {
  const auto integer = [](const char* text) {
    return base::json_integer(base::parse_json(text).value_or(nlohmann::json()), "n");
  };
  CHECK(integer(R"({"n":9223372036854775807})") == 9223372036854775807);
  CHECK(integer(R"({"n":-9223372036854775808})") == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(integer(R"({"n":9223372036854775808})"));
  CHECK_FALSE(integer(R"({"n":18446744073709551615})"));
  CHECK_FALSE(integer(R"({"n":1.5})"));
}

}  // namespace

#include "base/json.h"

#include <initializer_list>
#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json_lines.h"

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

TEST_CASE("half a character in an escape is taken as the replacement character") {
  const auto read = [](const char* text) {
    const auto value = base::parse_json(text);
    return value ? value->dump() : "no JSON";
  };
  CHECK(read(R"(["\ud83d"])") == "[\"\uFFFD\"]");
  CHECK(read(R"(["\uDE00 x"])") == "[\"\uFFFD x\"]");
  CHECK(read(R"(["\ud83d\ud83d\ude00"])") == "[\"\uFFFD\U0001F600\"]");
  CHECK(read(R"(["\ude00\ud83d"])") == "[\"\uFFFD\uFFFD\"]");
  CHECK(read(R"(["\ud83d\n\ude00"])") == "[\"\uFFFD\\n\uFFFD\"]");
  CHECK(read(R"({"a\uDFFF":{"\ud800":1}})") == "{\"a\uFFFD\":{\"\uFFFD\":1}}");
  CHECK(read(R"(["\uD83D\uDE00"])") == "[\"\U0001F600\"]");
  CHECK(read(R"(["\\ud83d"])") == R"(["\\ud83d"])");
  CHECK(read(R"(["\\\ud83d"])") == "[\"\\\\\uFFFD\"]");
}

TEST_CASE("what is no JSON stays none, whatever halves of characters are in it") {
  for (const char* text : {R"(["\ud83)", R"(["\ud83d)", R"(["\ud83d\u12"])", R"([\ud83d])", R"(["\ud83d","\)",
                           "[\"\xED\xA0\xBD\"]", "[\"\\ud83d \xFF\"]"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_json(text));
  }
}

TEST_CASE("halves of a character that come in two pieces of a stream are joined") {
  const auto joined = [](std::initializer_list<const char*> pieces) {
    std::string text;
    for (const auto* piece : pieces) {
      text += base::json_text(base::parse_json_piece(piece).value_or(nlohmann::json()), "t");
    }
    return base::joined_halves(text);
  };
  CHECK(joined({R"({"t":"a\ud83d"})", R"({"t":"\ude00b"})"}) == "a\U0001F600b");
  CHECK(joined({R"({"t":"\uD83D"})", R"({"t":""})", R"({"t":"\uDE00"})"}) == "\U0001F600");
  CHECK(joined({R"({"t":"\ud83d"})", R"({"t":"x\ude00"})"}) == "\uFFFDx\uFFFD");
  CHECK(joined({R"({"t":"\ud83d"})", R"({"t":"\ud83d"})", R"({"t":"\ude00"})"}) == "\uFFFD\U0001F600");
  CHECK(joined({R"({"t":"\ude00"})", R"({"t":"\ud83d"})"}) == "\uFFFD\uFFFD");
  CHECK(joined({"{\"t\":\"Gr\xC3\"}",
                "{\"t\":\"\xBC\xC3\xBC"
                "e\"}"}) == "Grüüe");
  CHECK(joined({"{\"t\":\"\xF0\x9F\"}", "{\"t\":\"x\"}"}) == "\uFFFD\uFFFDx");
}

TEST_CASE("each half of a piece stays in the string it came in") {
  const auto value = base::parse_json_piece(
      "{\"z\":\"\xEF\xBF\xBD\\ud83d\",\"a\\ufffd\":[\"\\ufffd\\ude00\\ufffd\",\"\\udc00\"],\"m\":\"plain\"}");
  REQUIRE(value);
  CHECK(value->at("z").get<std::string>() == "\uFFFD\xED\xA0\xBD");
  CHECK(value->at("a\uFFFD")[0].get<std::string>() == "\uFFFD\xED\xB8\x80\uFFFD");
  CHECK(value->at("a\uFFFD")[1].get<std::string>() == "\xED\xB0\x80");
  CHECK(value->at("m") == "plain");
  CHECK_FALSE(base::parse_json_piece("{\"t\":\xFF}"));
}

TEST_CASE("control characters within strings are escaped, and nothing else is changed") {
  CHECK(base::with_escaped_controls("{\t\"a\tb\" :\n\"c\\\"\x1f\\\\\"\r}") ==
        "{\t\"a\\u0009b\" :\n\"c\\\"\\u001f\\\\\"\r}");
  CHECK(base::with_escaped_controls(R"({"a":"\u0001é"})") == R"({"a":"\u0001é"})");
  CHECK(base::with_escaped_controls("\"a\\") == "\"a\\");
}

}  // namespace

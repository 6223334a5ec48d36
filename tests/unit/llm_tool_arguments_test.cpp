#include <string>

#include <doctest/doctest.h>

#include "llm/tool_arguments.h"

namespace {

using llm::Extent;

std::string read(const std::string& written, Extent extent = Extent::whole) {
  return llm::read_arguments(written, extent).value_or("unread");
}

constexpr const char* kAlpha = R"({"query":"alpha"})";

TEST_CASE("arguments: nothing at all is an empty object") {
  for (const char* nothing : {"", " \n", "null", "{}", "\"\"", "\"{}\"", "{}{}"}) {
    CAPTURE(nothing);
    CHECK(read(nothing) == "{}");
  }
}

TEST_CASE("arguments: what models really write is read") {
  for (const char* written : {
           R"( {"query": "alpha"} )",
           R"("{\"query\": \"alpha\"}")",
           R"("\"{\\\"query\\\": \\\"alpha\\\"}\"")",
           R"({}{"query":"alpha"})",
           R"({"query":"alpha"}{})",
           R"({"query":"alpha"}{"query": "alpha"})",
           R"([{"query":"alpha"}])",
           "```json\n{\"query\":\"alpha\"}\n```",
           "```\n{\"query\":\"alpha\"}```",
           R"({'query': 'alpha'})",
           R"({query: "alpha"})",
           R"({"query":"alpha",})",
           R"({"query":"alpha"}})",
           R"({"query":"alpha"}</tool_call>)",
           R"({"query":"alpha"} <|im_end|>)",
           R"({"query":"alpha")",
           R"(null{"query":"alpha"})",
           R"(null {"query":"alpha"})",
           R"(""{"query":"alpha"})",
           R"(None[{"query":"alpha"}])",
       }) {
    CAPTURE(std::string(written));
    CHECK(read(written) == kAlpha);
  }
  CHECK(read("{\"text\":\"two\nlines\tand a tab\"}") == R"({"text":"two\nlines\tand a tab"})");
  CHECK(read(R"({"a": True, "b": None, "c": [1, 2,], "d": -1.5e3})") ==
        R"({"a":true,"b":null,"c":[1,2],"d":-1500.0})");
  CHECK(read(R"({'a': 'it\'s "so"'})") == R"({"a":"it's \"so\""})");
  CHECK(read(R"({"a": "C:\Users", 'b': [{)") == R"({"a":"C:\\Users","b":[{}]})");
  CHECK(read("{\"a\":\"\\ud83d\"}") == "{\"a\":\"\uFFFD\"}");
}

TEST_CASE("arguments: where nobody can tell what was meant there are none") {
  for (const char* written :
       {R"({"query":)", R"({"query":"al)", R"({"query":"a"}{"query":"b"})", "[]", "[1]", "7", "true", "alpha",
        R"([{"a":1},{"b":2}])", R"({"a":1]})", R"("alpha")", R"({"a" 1})", "}", "{'a': 'it's'}"}) {
    CAPTURE(std::string(written));
    CHECK(read(written) == "unread");
  }
}

TEST_CASE("arguments: what was cut off is never mended at its end") {
  CHECK(read(kAlpha, Extent::cut_off) == kAlpha);
  CHECK(read(R"({"query":"alpha")", Extent::cut_off) == "unread");
  CHECK(read(R"({"query":"alpha",)", Extent::cut_off) == "unread");
}

}  // namespace

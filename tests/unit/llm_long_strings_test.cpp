#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "llm/long_strings.h"

namespace {

std::string cut(const std::string& text, std::size_t max_bytes, std::size_t piece = 1'000'000) {
  llm::LongStrings strings(max_bytes);
  std::string kept;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    kept += strings.cut(std::string_view(text).substr(at, piece));
  }
  return kept;
}

TEST_CASE("long strings of JSON are cut, and nothing else of it") {
  CHECK(cut(R"({"a": "0123456789", "b": [1234567, "x"], "c\"d": "\\"})", 4) ==
        R"({"a": "0123", "b": [1234567, "x"], "c\"d": "\\"})");
  CHECK(cut("data: {\"t\":\"0123456789\"}\n\n: it's \"odd\ndata: {\"t\":\"01\"}\n", 4) ==
        "data: {\"t\":\"0123\"}\n\n: it's \"odd\ndata: {\"t\":\"01\"}\n");
}

TEST_CASE("a cut string is still one, wherever it is cut and however it comes") {
  const std::string text =
      R"(["a\u00e9\ud83d\ude00\n\"b\\", "Grüezi 😀 mitenand", {"long key \" and so on": "\\\\\\\\"}])";
  for (std::size_t max = 1; max < 30; ++max) {
    CAPTURE(max);
    const auto kept = cut(text, max);
    CHECK(base::is_utf8(kept));
    CHECK(base::parse_json(kept));
    CHECK(cut(text, max, 1) == kept);
    CHECK(cut(text, max, 7) == kept);
  }
  CHECK(cut(text, 100) == text);
}

}  // namespace

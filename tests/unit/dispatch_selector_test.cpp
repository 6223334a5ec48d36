#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dispatch/adapters/selector.h"

using dispatch::Selector;
using nlohmann::json;

TEST_CASE("a selector finds the value whose conditions hold") {
  const auto event = json::parse(R"({"type":"item.completed","item":{"type":"agent_message","text":"Hi","n":2,
      "ok":true,"parts":[{"t":"a"},{"t":"b"},{"x":1}],"nothing":null}})");
  const auto text = [&](const char* words) { return Selector::parse(words)->text(event); };
  CHECK(text("item.text") == "Hi");
  CHECK(text("type=item.completed item.type=agent_message item.text") == "Hi");
  CHECK(text("item.text   type=item.completed") == "Hi");
  CHECK_FALSE(text("type=item.started item.text"));
  CHECK_FALSE(text("type=item.completed item.txt"));
  CHECK_FALSE(text("item.text.more"));
  CHECK_FALSE(text("item.nothing"));
  CHECK(text("item.n=2 item.ok=true item.n") == "2");
  CHECK(text("item.parts.*.t") == "a\nb");
  CHECK(text("item.parts.*.t=b item.text") == "Hi");
  CHECK(Selector::parse("type=item.completed")->matches(event));
  CHECK_FALSE(Selector::parse("type=item.completed")->has_value());
  CHECK_FALSE(Selector::parse("type=x")->matches(json::parse("[1,2]")));
}

TEST_CASE("hostile output does not make it slow or large") {
  auto changes = json::array();
  for (int i = 0; i < 300'000; ++i) {
    changes.push_back({{"path", "a/path/of/some/length.txt"}});
  }
  const auto text = Selector::parse("changes.*.path")->text({{"changes", std::move(changes)}});
  REQUIRE(text);
  CHECK(text->size() < 70'000);
}

TEST_CASE("a selector sums numbers") {
  const auto event = json::parse(R"({"stats":{"models":{"a":{"in":3},"b":{"in":4},"c":{"in":"x"}}}})");
  CHECK(Selector::parse("stats.models.*.in")->sum(event) == 7.0);
  CHECK_FALSE(Selector::parse("stats.models.*.out")->sum(event));
}

TEST_CASE("what is no selector is told apart") {
  for (const char* text : {"", "   ", "a b", "a..b", ".a", "a.", "=x"}) {
    CAPTURE(text);
    CHECK_FALSE(Selector::parse(text));
  }
}

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dispatch/task/usage_meter.h"

namespace {

using dispatch::TokenPrice;
using dispatch::UsageMeter;
using nlohmann::json;
using Session = dispatch::UsageMeter::Session;

constexpr int kMillion = 1'000'000;

json used(int input, int output, double usd, const char* basis = "list") {
  return {{"inputTokens", input}, {"outputTokens", output}, {"costUSD", usd}, {"costBasis", basis}};
}

json call(int input, int output) {
  return {{"input_tokens", input}, {"output_tokens", output}};
}

json result(json since, json totals = json::object()) {
  return {{"model_usage_since_last_result", std::move(since)},
          {"modelUsage", std::move(totals)},
          {"total_cost_usd", 99}};
}

}  // namespace

TEST_CASE("a result settles the calls before it, of all models, and those after it are added") {
  UsageMeter meter({}, Session::fresh);
  meter.see_call("a", "claude-opus-4-8", call(kMillion, 0));
  CHECK(meter.usd() == doctest::Approx(5));
  CHECK(meter.is_estimate());
  CHECK(meter.settle(result({{"opus", used(100, 200, 3.0)}, {"haiku", used(10, 20, 0.5)}})));
  CHECK(meter.usd() == doctest::Approx(3.5));
  CHECK(meter.tokens().input == 110);
  CHECK(meter.tokens().output == 220);
  CHECK_FALSE(meter.is_estimate());
  REQUIRE(meter.spending().size() == 2);
  CHECK(meter.spending()[0].model == "haiku");
  CHECK(meter.spending()[0].usd == doctest::Approx(0.5));
  meter.see_call("b", "claude-opus-4-8", call(0, kMillion));
  CHECK(meter.usd() == doctest::Approx(28.5));
  CHECK(meter.settle(result({{"opus", used(1, 2, 1.0)}})));
  CHECK(meter.usd() == doctest::Approx(4.5));
}

TEST_CASE("the session's total is never taken for what this process spent") {
  UsageMeter meter({}, Session::continued);
  CHECK(meter.settle(result({{"opus", used(1, 1, 1.5)}}, {{"opus", used(5, 5, 4.5)}})));
  CHECK(meter.usd() == doctest::Approx(1.5));
  meter.take_totals({{"opus", used(7, 7, 5.0)}});
  CHECK(meter.usd() == doctest::Approx(2.0));
}

TEST_CASE("what a session that goes on has spent before is learned at the start, or not at all") {
  UsageMeter meter({}, Session::continued);
  SUBCASE("at the start") {
    meter.take_totals({{"opus", used(10, 10, 3.0)}});
    CHECK(meter.usd() == 0);
    meter.take_totals({{"opus", used(12, 12, 3.25)}});
    CHECK(meter.usd() == doctest::Approx(0.25));
  }
  SUBCASE("too late") {
    meter.see_call("a", "claude-opus-4-8", call(100, 0));
    meter.take_totals({{"opus", used(10, 10, 3.0)}});
    CHECK(meter.usd() < 0.01);
  }
}

TEST_CASE("what a sub-agent's events hide is in the totals that are asked for") {
  UsageMeter meter({}, Session::fresh);
  meter.see_call("sub", "claude-opus-4-8", call(100, 1));
  CHECK(meter.usd() < 0.01);
  meter.take_totals({{"opus", used(100, kMillion, 25.0)}});
  CHECK(meter.usd() == doctest::Approx(25));
  CHECK(meter.tokens().output == kMillion);
}

TEST_CASE("the operator's price goes before every other, also where it is nothing") {
  UsageMeter meter(TokenPrice{0.1, 0.5}, Session::fresh);
  meter.see_call("a", "my-model", call(kMillion, 0));
  CHECK(meter.usd() == doctest::Approx(0.1));
  meter.settle(result({{"my-model", used(kMillion, kMillion, 24, "unknown")}}));
  CHECK(meter.usd() == doctest::Approx(0.6));
  CHECK_FALSE(meter.is_estimate());
  UsageMeter free(TokenPrice{}, Session::fresh);
  free.settle(result({{"my-model", used(kMillion, kMillion, 24, "unknown")}}));
  CHECK(free.usd() == 0);
  CHECK(free.tokens().output == kMillion);
}

TEST_CASE("a price that the CLI made up is one, and taken while nothing better is known") {
  UsageMeter meter({}, Session::fresh);
  meter.see_call("a", "my-model", call(kMillion, kMillion));
  CHECK(meter.usd() == doctest::Approx(24));
  meter.settle(result({{"my-model", used(1, 1, 2.4, "unknown")}}));
  CHECK(meter.usd() == doctest::Approx(2.4));
  CHECK(meter.is_estimate());
}

TEST_CASE("an older CLI gives only totals, which count where the session began with this process") {
  const json old = {{"modelUsage", {{"opus", used(10, 20, 2.0)}}}};
  UsageMeter fresh({}, Session::fresh);
  CHECK(fresh.settle(old));
  CHECK(fresh.usd() == doctest::Approx(2));
  CHECK(fresh.settle({{"modelUsage", {{"opus", used(20, 40, 5.0)}}}}));
  CHECK(fresh.usd() == doctest::Approx(5));
  UsageMeter continued({}, Session::continued);
  CHECK_FALSE(continued.settle(old));
}

TEST_CASE("a cache write for an hour costs twice an input token") {
  UsageMeter meter(TokenPrice{1, 5}, Session::fresh);
  json usage = call(0, 0);
  usage["cache_creation_input_tokens"] = 2 * kMillion;
  usage["cache_creation"] = {{"ephemeral_1h_input_tokens", kMillion}};
  meter.see_call("a", "m", usage);
  CHECK(meter.usd() == doctest::Approx(1.25 + 2));
}

TEST_CASE("calls are counted once each, and usage that makes no sense is passed over") {
  UsageMeter meter({}, Session::fresh);
  meter.see_call("a", "m", call(1, 1));
  meter.see_call("a", "m", call(1, 5));
  CHECK_FALSE(meter.see_call("b", "m", json("much")));
  CHECK_FALSE(meter.see_call("b", "m", json::object()));
  CHECK(meter.calls() == 1);
  CHECK(meter.tokens().output == 5);
  meter.take_totals(json("none"));
  CHECK_FALSE(meter.settle({{"model_usage_since_last_result", 7}, {"modelUsage", json::array()}}));
  CHECK(meter.settle(result({{"m", json::array()}, {"n", {{"inputTokens", -4}, {"costUSD", -3}}}})));
  CHECK(meter.usd() == 0);
}

TEST_CASE("many claims are believed no further than one") {
  UsageMeter meter(TokenPrice{1, 5}, Session::fresh, dispatch::Claims(0.5));
  bool of_calls = false;
  std::string model = "m";
  SUBCASE("of results") {}
  SUBCASE("of calls") {
    of_calls = true;
  }
  SUBCASE("of models") {
    model = "m-";
  }
  for (int i = 0; i < 500; ++i) {
    const auto name = std::to_string(i);
    if (of_calls) {
      meter.see_call(name, model, call(200'000, 100'000));
    } else {
      meter.settle(result({{model == "m" ? model : model + name, used(200'000, 100'000, 1)}}));
    }
  }
  CHECK(meter.claims_too_much());
  CHECK(meter.tokens().input < 1'000'000);
  CHECK(meter.tokens().output < 300'000);
  CHECK(meter.usd() == doctest::Approx(0.5));
}

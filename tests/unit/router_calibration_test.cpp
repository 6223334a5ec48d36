#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "router/scoring/calibration.h"

using router::Calibration;
using router::kLogitOne;
using router::logistic;
using router::Logit;
using router::Outcome;

namespace {

double p_of(const Calibration& calibration, double logit, const std::string& chat = "web:c-1") {
  return logistic(calibration.apply(static_cast<Logit>(logit * static_cast<double>(kLogitOne)), chat));
}

/// Outcomes whose true logit is slope * logit + shift.
std::vector<Outcome> outcomes(int n, double slope, double shift, const std::string& person,
                              const std::string& chat = "web:c-1") {
  std::mt19937 random(5);
  std::vector<Outcome> all;
  for (int i = 0; i < n; ++i) {
    const double logit = static_cast<double>(random() % 8000) / 1000 - 4;
    const double p = 1 / (1 + std::exp(-(slope * logit + shift)));
    const bool needed = random() % 1'000'000 < p * 1'000'000;
    all.push_back({static_cast<Logit>(logit * static_cast<double>(kLogitOne)), needed ? 1.0 : 0.0, 1, chat,
                   person.empty() ? "" : person + std::to_string(i % 40)});
  }
  return all;
}

}  // namespace

TEST_CASE("the logistic table is right, even, and never 0 or 1") {
  for (double x = -15; x <= 15; x += 0.0371) {
    const auto logit = static_cast<Logit>(std::lround(x * static_cast<double>(kLogitOne)));
    const double exact = 1 / (1 + std::exp(-static_cast<double>(logit) / static_cast<double>(kLogitOne)));
    CHECK(std::abs(logistic(logit) - exact) < 2e-5);
    CHECK(logistic(logit) + logistic(-logit) == 1);
    CHECK(logistic(router::logit_of(logistic(logit))) == logistic(logit));
  }
  CHECK(logistic(-1000 * kLogitOne) > 0);
  CHECK(logistic(1000 * kLogitOne) < 1);
}

TEST_CASE("no calibration changes nothing") {
  const Calibration none;
  CHECK(none.is_none());
  CHECK(none.version() == "none");
  CHECK(none.apply(12345, "web:c-1") == 12345);
}

TEST_CASE("an operator's verdicts bring p to what happened, with few as with many") {
  for (const int n : {300, 3000}) {
    CAPTURE(n);
    const auto calibration = Calibration::fit(outcomes(n, 0.6, -1.2, ""));
    for (const double logit : {-2.0, 0.0, 2.0}) {
      const double wanted = 1 / (1 + std::exp(-(0.6 * logit - 1.2)));
      CHECK(std::abs(p_of(calibration, logit) - wanted) < 0.08);
    }
    CHECK(p_of(calibration, -3) < p_of(calibration, 3));
  }
}

TEST_CASE("people's taps move p a little, however often they are fitted") {
  const auto calibration = Calibration::fit(outcomes(300, 1, -3, "web:u-"));
  for (double logit = -4; logit <= 4; logit += 0.25) {
    const double before = p_of({}, logit);
    CHECK(p_of(calibration, logit) <= before + 0.001);
    CHECK(p_of(calibration, logit) >= before - router::kLargestStep - 0.001);
  }
  CHECK(Calibration::fit(outcomes(300, 1, -3, "web:u-")).version() == calibration.version());
}

TEST_CASE("one person's taps weigh little beside the others'") {
  auto honest = outcomes(200, 1, 0, "web:u-");
  const auto without = Calibration::fit(honest);
  for (int i = 0; i < 2000; ++i) {
    honest.push_back({0, 1, 1, "web:c-1", "web:poisoner"});
  }
  CHECK(std::abs(p_of(Calibration::fit(honest), 0) - p_of(without, 0)) < router::kLargestStep + 0.001);
}

TEST_CASE("a chat whose outcomes differ gets an offset, drawn towards none where there are few") {
  auto all = outcomes(400, 1, 0, "", "web:c-1");
  for (const auto& outcome : outcomes(400, 1, 2, "", "web:c-2")) {
    all.push_back(outcome);
  }
  const auto calibration = Calibration::fit(all);
  CHECK(p_of(calibration, 0, "web:c-2") > p_of(calibration, 0, "web:c-1") + 0.15);
  CHECK(p_of(calibration, 0, "web:new") < p_of(calibration, 0, "web:c-2"));
}

TEST_CASE("a calibration is the same after it was stored") {
  const auto calibration = Calibration::fit(outcomes(500, 0.7, 0.4, ""));
  const auto read = Calibration::parse(calibration.to_json());
  REQUIRE(read.has_value());
  CHECK(read->version() == calibration.version());
  CHECK(read->version().size() == 12);
  for (Logit logit = -10 * kLogitOne; logit <= 10 * kLogitOne; logit += 7777) {
    CHECK(read->apply(logit, "web:c-1") == calibration.apply(logit, "web:c-1"));
  }
  for (const char* text :
       {"", "{}", "[]", R"({"format":1,"points":[[1]]})", R"({"format":1,"points":[[1,2],[1,2]]})",
        R"({"format":1,"points":[["a",2]]})", R"({"format":1,"offsets":{"a":"b"}})"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(Calibration::parse(text).has_value());
  }
}

TEST_CASE("in a chat of their own people's taps move p no further, curve and offset together") {
  auto all = outcomes(300, 1, 0, "web:u-", "web:c-1");
  for (const auto& outcome : outcomes(400, 1, 4, "web:v-", "web:c-2")) {
    all.push_back(outcome);
  }
  const auto calibration = Calibration::fit(all);
  for (double logit = -4; logit <= 4; logit += 0.25) {
    for (const char* chat : {"web:c-1", "web:c-2", "web:new"}) {
      CHECK(std::abs(p_of(calibration, logit, chat) - p_of({}, logit, chat)) < router::kLargestStep + 0.001);
    }
  }
  CHECK(p_of(calibration, 0, "web:c-2") > p_of(calibration, 0, "web:new"));
  // A verdict counts in full: the anchor is what the operator says of that chat.
  for (const auto& outcome : outcomes(300, 1, 4, "", "web:c-2")) {
    all.push_back(outcome);
  }
  CHECK(p_of(Calibration::fit(all), -2, "web:c-2") > p_of({}, -2, "web:c-2") + 2 * router::kLargestStep);
}

TEST_CASE("a flood of one person's taps says no more than a twentieth of what all say") {
  const auto honest = outcomes(400, 1, 0, "");
  auto flooded = honest;
  auto little = honest;
  for (int i = 0; i < 4000; ++i) {
    flooded.push_back({0, 1, 1, "web:c-1", "web:flood"});
  }
  for (int i = 0; i < 21; ++i) {  // 5 % of 421
    little.push_back({0, 1, 1, "web:c-1", "web:flood"});
  }
  CHECK(p_of(Calibration::fit(flooded), 0) ==
        doctest::Approx(p_of(Calibration::fit(little), 0)).epsilon(0.02));
}

#include <stdexcept>

#include <doctest/doctest.h>

#include "router/scoring/judgement.h"

using router::features_of;
using router::kLogitOne;
using router::kWeightCount;
using router::Scorer;

namespace {

/// Weights of 0, but for the words "build" (for the specialist) and "remind" (against).
Scorer small_scorer() {
  std::string bytes =
      R"({"format":1,"scale":1048576,"bias":-65536,"fusion":{"alone":{"one":0,"scorer":65536},)"
      R"("secretary":{"scorer":65536,"call:high":131072,"call:none":-131072}}})"
      "\n";
  const auto header = bytes.size();
  bytes.resize(header + kWeightCount);
  const auto set = [&](const char* word, char weight) {
    bytes[header + features_of({word}).groups[0][0].index] = weight;
  };
  set("build", 100);
  set("remind", -100);
  return Scorer(bytes);
}

double p_of(const std::string& text, const Scorer& scorer) {
  return router::judge({text}, std::nullopt, scorer, {}, "").p;
}

}  // namespace

TEST_CASE("words for the specialist raise p, words against it lower it") {
  const auto scorer = small_scorer();
  CHECK(p_of("build", scorer) > 0.9);
  CHECK(p_of("remind", scorer) < 0.1);
  CHECK(p_of("build it", scorer) < p_of("build", scorer));
}

TEST_CASE("the same bytes give the same score, and another file another version") {
  const auto& scorer = Scorer::built_in();
  const Scorer copy(scorer.bytes());
  CHECK(copy.version() == scorer.version());
  CHECK(small_scorer().version() != scorer.version());
  const auto features = features_of({"review that PR for races before four"});
  CHECK(copy.score(features).z == scorer.score(features).z);
}

TEST_CASE("what is no file of weights is refused") {
  for (const std::string& bytes :
       {std::string(), std::string("{}\n"), std::string("{\"format\":2}\n") + std::string(kWeightCount, '\0'),
        std::string("{\"format\":1}\n") + std::string(kWeightCount, '\0'),
        std::string("no JSON\n") + std::string(kWeightCount, '\0')}) {
    CHECK_THROWS_AS(Scorer{bytes}, std::runtime_error);
  }
}

TEST_CASE("the words that moved p most are named, the weightiest first") {
  const auto scorer = small_scorer();
  const auto words = scorer.weightiest(features_of({"please build a shed, remind"}), 2);
  REQUIRE(words.size() == 2);
  CHECK(words[0].word != words[1].word);
  for (const auto& word : words) {
    CHECK((word.word == "build" ? word.weight > 0 : word.weight < 0));
  }
}

TEST_CASE("words at an end that alone speak for the specialist make a score fragile") {
  const auto scorer = small_scorer();
  const auto plain = scorer.score(features_of({"what time is it in the far city of Tokyo"}));
  const auto pushed =
      scorer.score(features_of({"what time is it in the far city of Tokyo build build build build"}));
  CHECK(plain.fragile <= 0);
  CHECK(pushed.fragile > kLogitOne / 10);
}

TEST_CASE("the thread counts for a short text alone") {
  const auto with = [](const char* text) {
    return features_of({text, "Shall I remind Tom, or have the page rebuilt?", "the page says 2025"});
  };
  const auto asked = static_cast<std::size_t>(router::FeatureGroup::asked);
  CHECK_FALSE(with("yes").groups[asked].empty());
  CHECK(with("please take care of the page in the project folder tomorrow").groups[asked].empty());
  CHECK(features_of({"yes"}).groups[asked].empty());
}

TEST_CASE("features survive being packed, and nothing else is unpacked") {
  const auto features = features_of({"review that PR", "which one?", "there are two"});
  const auto packed = router::pack(features);
  const auto unpacked = router::unpack(packed);
  CHECK(Scorer::built_in().score(unpacked).z == Scorer::built_in().score(features).z);
  CHECK(router::pack(unpacked) == packed);
  for (const auto& broken :
       {packed.substr(1), packed.substr(0, packed.size() - 1), packed + "x", std::string("abc")}) {
    CHECK(router::pack(router::unpack(broken)) == router::pack({}));
  }
}

TEST_CASE("the secretary's word and the score become one p") {
  const auto scorer = small_scorer();
  const auto p = [&](const char* text, router::SecretarySignal signal) {
    return router::judge({text}, signal, scorer, {}, "").p;
  };
  CHECK(p("build", {router::Confidence::high}) > p("build", {}));
  CHECK(p("remind", {router::Confidence::high}) > p("remind", {}));
  // Where they disagree, p is in between.
  const double disagreement = p("remind", {router::Confidence::high});
  CHECK(disagreement > p_of("remind", scorer));
  CHECK(disagreement < p("build", {router::Confidence::high}));
}

TEST_CASE("a stored judgement gives the same p again, bit for bit") {
  const auto& scorer = Scorer::built_in();
  for (const char* text : {"remind me to review that PR at four", "review that PR for races before four", "",
                           "请把整个网站重新做一遍", "yes"}) {
    for (const auto& secretary :
         {std::optional<router::SecretarySignal>(), std::optional(router::SecretarySignal{}),
          std::optional(router::SecretarySignal{router::Confidence::low, -0.25})}) {
      const auto judgement = router::judge({text, "Shall I?", "hm"}, secretary, scorer, {}, "web:c-1");
      CHECK(judgement.p > 0);
      CHECK(judgement.p < 1);
      const auto json = to_json(judgement, scorer);
      CHECK(router::replay(router::pack(judgement.features), json, scorer, {}, "web:c-1") == judgement.p);
      CHECK(router::stored_logit(json) == judgement.logit);
    }
  }
  CHECK_FALSE(router::replay("", "no JSON", scorer, {}, "").has_value());
  CHECK_FALSE(router::stored_logit("{}").has_value());
}

TEST_CASE(
    "with the cautious weights what lies between two sums becomes what lies between the default thresholds") {
  const std::map<std::string, router::Logit> plain = {{"x", router::kLogitOne}};
  auto cautious = plain;
  cautious[router::kAskFrom] = -2 * router::kLogitOne;
  cautious[router::kDispatchFrom] = 2 * router::kLogitOne;
  const auto p = [&](double x, const auto& weights) {
    return router::logistic(router::fuse(
        {{"x", static_cast<router::Logit>(x * static_cast<double>(router::kLogitOne))}}, weights));
  };
  CHECK(p(1.9, cautious) < 0.75);
  CHECK(p(2, cautious) == doctest::Approx(0.75).epsilon(0.001));
  CHECK(p(-1.9, cautious) > 0.35);
  CHECK(p(-2, cautious) == doctest::Approx(0.35).epsilon(0.001));
  for (const double sure : {-9.0, -4.0, 4.0, 9.0}) {
    CHECK(p(sure, cautious) == p(sure, plain));
  }
  for (double x = -6; x < 6; x += 0.01) {  // the order stays
    CHECK(p(x, cautious) <= p(x + 0.01, cautious));
  }
}

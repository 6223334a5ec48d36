#include <random>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "router/evaluation/certificate.h"
#include "router/evaluation/evaluation.h"
#include "router/evaluation/labelled_turns.h"
#include "router/evaluation/metrics.h"
#include "router/evaluation/noise.h"

using router::Scored;

TEST_CASE("AUROC counts the pairs in the right order, ties half") {
  CHECK(router::auroc({{0.9, true}, {0.1, false}}) == 1);
  CHECK(router::auroc({{0.1, true}, {0.9, false}}) == 0);
  CHECK(router::auroc({{0.5, true}, {0.5, false}}) == 0.5);
  CHECK(router::auroc({{0.9, true}, {0.3, true}, {0.5, false}, {0.1, false}}) == 0.75);
  CHECK(router::auroc({{0.9, true}}) == 0.5);
}

TEST_CASE("shares are those of the contract") {
  const std::vector<Scored> turns = {{0.9, true},  {0.8, false}, {0.5, true},  {0.5, false},
                                     {0.1, false}, {0.2, true},  {0.1, false}, {0.95, true}};
  const auto shares = router::shares_of(turns, 0.35, 0.75);
  CHECK(shares.precision == doctest::Approx(2.0 / 3));
  CHECK(shares.recall == doctest::Approx(2.0 / 3));
  CHECK(shares.confirm_rate == 0.25);
  CHECK(shares.under_dispatch == 0.25);
  CHECK(shares.over_dispatch == 0.25);
  CHECK(shares.under_dispatch_upper95 > 0.25);
}

TEST_CASE("pairs are right where the specialist's half has the higher p") {
  CHECK(router::pair_accuracy(
            {{0.6, true, "a"}, {0.4, false, "a"}, {0.2, true, "b"}, {0.2, false, "b"}, {1, true}}) == 0.5);
  CHECK(router::pair_accuracy({}) == 0);
}

TEST_CASE("Clopper and Pearson's bound is that of the tables") {
  CHECK(router::clopper_pearson_upper(0, 59, 0.95) < 0.05);
  CHECK(router::clopper_pearson_upper(0, 58, 0.95) > 0.05);
  CHECK(router::clopper_pearson_upper(2, 124, 0.95) < 0.0505);
  CHECK(router::clopper_pearson_upper(5, 210, 0.95) < 0.0505);
  CHECK(router::clopper_pearson_upper(0, 0, 0.95) == 1);
  CHECK(router::clopper_pearson_upper(3, 3, 0.95) == 1);
}

TEST_CASE("a threshold is certified only with enough turns, and never laxer than they allow") {
  std::vector<Scored> turns;
  for (int i = 0; i < 58; ++i) {
    turns.push_back({0.4 + 0.01 * i, true});
  }
  const auto few = router::certify(turns, 0.05);
  CHECK_FALSE(few.ask_at.has_value());
  CHECK(few.missing == 1);
  for (int i = 0; i < 42; ++i) {
    turns.push_back({0.99, true});
  }
  const auto enough = router::certify(turns, 0.05);
  REQUIRE(enough.ask_at.has_value());
  CHECK(*enough.ask_at == doctest::Approx(0.41));  // one miss of a hundred is allowed
  turns.push_back({0.001, true});
  turns.push_back({0.002, true});
  turns.push_back({0.003, true});
  CHECK_FALSE(router::certify(turns, 0.05).ask_at.has_value());
}

TEST_CASE("a rate becomes the threshold that so many turns reach") {
  std::vector<double> p;
  for (int i = 1; i <= 100; ++i) {
    p.push_back(i / 100.0);
  }
  CHECK(router::threshold_for_rate(p, 0.1) == 0.91);
  CHECK(router::threshold_for_rate(p, 0) > 1.0 - 1e-9);
  CHECK_FALSE(router::threshold_for_rate({0.1, 0.2}, 0.1).has_value());
}

TEST_CASE("a right p has a small calibration error, a wrong one a large one") {
  std::mt19937 random(3);
  std::vector<Scored> right;
  std::vector<Scored> wrong;
  for (int i = 0; i < 3000; ++i) {
    const double p = static_cast<double>(random() % 1000 + 1) / 1002;
    right.push_back({p, random() % 1002 < p * 1002});
    wrong.push_back({0.9, i % 2 == 0});
  }
  CHECK(router::calibration_error(right) < 0.05);
  CHECK(router::calibration_error(wrong) == doctest::Approx(0.4));
  CHECK(router::brier_score(wrong) == doctest::Approx(0.5 * 0.01 + 0.5 * 0.81));
}

TEST_CASE("style alone tells apart what differs in style, and not what differs in words") {
  std::vector<std::string> texts;
  std::vector<bool> labels;
  for (int i = 0; i < 60; ++i) {
    texts.push_back(i % 2 == 0 ? std::string("fix it")
                               : "WHAT TIME IS IT? " + std::string(static_cast<std::size_t>(i), 'x'));
    labels.push_back(i % 2 == 0);
  }
  CHECK(router::style_only_auroc(texts, labels) > 0.99);
  for (auto& text : texts) {
    text = "the same words";
  }
  CHECK(router::style_only_auroc(texts, labels) == 0.5);
}

TEST_CASE("labelled turns are read, and a wrong line is named") {
  std::istringstream good(
      R"({"id":"p1","thread":[{"role":"user","text":"a"},{"role":"assistant","text":"b"}],"text":"go ahead","label":"specialist","pair":"a12","tags":["followup"],"secretary":{"called":true,"confidence":" High","logprob":-0.3}})"
      "\n\n"
      R"({"text":"hi","label":"either","secretary":{"called":false}})");
  const auto turns = router::read_labelled_turns(good, "turns.jsonl");
  REQUIRE(turns.size() == 2);
  CHECK(turns[0].pair == "a12");
  CHECK(turns[0].secretary->called == router::Confidence::high);
  CHECK(turns[0].secretary->logprob == -0.3);
  CHECK(router::scored_text(turns[0]).assistant_before == "b");
  CHECK(turns[1].label == router::Label::either);
  CHECK_FALSE(turns[1].secretary->called.has_value());
  for (const auto& [line, problem] :
       {std::pair{"nonsense", "it is no JSON"},
        {"[]", "no JSON object"},
        {R"({"label":"secretary"})", "\"text\""},
        {R"({"text":"a","label":"boss"})", "write secretary, specialist or either"},
        {R"({"text":"a","label":"either","thread":[{"role":"system","text":"x"}]})",
         "write user or assistant"},
        {R"({"text":"a","label":"either","id":[1]})", "\"id\" must be a string or a whole number"},
        {R"({"text":"a","label":"either","tags":"x"})", "\"tags\" must be a list"},
        {R"({"text":"a","label":"either","tags":[1]})", "a list of strings"},
        {R"({"text":"a","label":"either","thread":{}})", "\"thread\" must be a list"},
        {R"({"text":"a","label":"either","secretary":{"called":true}})", "confidence"}}) {
    std::istringstream in(std::string("{\"text\":\"a\",\"label\":\"either\"}\n") + line);
    CHECK_THROWS_WITH_AS(router::read_labelled_turns(in, "turns.jsonl"),
                         doctest::Contains("turns.jsonl, line 2"), base::ConfigError);
    std::istringstream again(line);
    CHECK_THROWS_WITH_AS(router::read_labelled_turns(again, "x"), doctest::Contains(problem),
                         base::ConfigError);
  }
}

TEST_CASE("labelled turns have ids of their own, which may be numbers, and there are some") {
  std::istringstream numbers(R"({"id":17,"pair":3,"text":"a","label":"either"})");
  const auto turns = router::read_labelled_turns(numbers, "x");
  CHECK(turns[0].id == "17");
  CHECK(turns[0].pair == "3");
  std::istringstream twice(R"({"id":"1","text":"a","label":"either"})"
                           "\n\n"
                           R"({"id":1,"text":"b","label":"either"})");
  CHECK_THROWS_WITH_AS(router::read_labelled_turns(twice, "x"),
                       "x, line 3: the id \"1\" is that of line 1, too", base::ConfigError);
  std::istringstream nothing("\n \n");
  CHECK_THROWS_WITH_AS(router::read_labelled_turns(nothing, "x"), "x: there are no labelled turns in it",
                       base::ConfigError);
}

TEST_CASE("what cannot be measured is no figure") {
  const auto evaluate = [](const std::vector<router::LabelledTurn>& turns) {
    return nlohmann::json::parse(
        router::evaluation_json(router::evaluate(turns, router::Scorer::built_in(), {}), {}));
  };
  std::vector<router::LabelledTurn> turns(2);
  turns[0].text = "build it";
  turns[0].label = router::Label::specialist;
  turns[0].tags = {"alone"};
  turns[1].text = "remind me";
  turns[1].pair = turns[0].pair = "p";
  const auto both = evaluate(turns);
  CHECK(both["auroc"].is_number());
  CHECK(both["pair_accuracy"].is_number());
  CHECK(both["ask_at_from"] == "default");
  const auto text = router::evaluation_text(router::evaluate(turns, router::Scorer::built_in(), {}), {});
  const auto row = text.substr(text.find("alone"), text.substr(text.find("alone")).find('\n'));
  CHECK(row.find("0.500") == std::string::npos);
  turns.pop_back();
  const auto one = evaluate(turns);
  CHECK(one["auroc"].is_null());
  CHECK(one["pair_accuracy"].is_null());
}

TEST_CASE("noise changes a text, the same way each time") {
  for (const auto& noise : router::noises()) {
    CAPTURE(noise.name);
    const auto changed = noise.apply("Remind me to review that PR, please?");
    CHECK(changed != "Remind me to review that PR, please?");
    CHECK(noise.apply("Remind me to review that PR, please?") == changed);
    CHECK_NOTHROW(noise.apply(""));
  }
}

TEST_CASE("the share asked is one of all turns, those for either among them") {
  std::vector<router::LabelledTurn> turns(4);
  for (const std::size_t i : {0U, 2U}) {
    turns[i].text = "hello";
    turns[i + 1].text = "please build a small flask api with tests in a new folder";
  }
  turns[1].label = router::Label::specialist;
  turns[2].label = turns[3].label = router::Label::either;
  const auto result =
      router::evaluate(turns, router::Scorer::built_in(), {.ask_at = 1e-9, .dispatch_at = 1 - 1e-9});
  REQUIRE(result.all.n == 2);
  CHECK(result.all.shares.confirm_rate == 1);
  const auto half =
      router::evaluate(turns, router::Scorer::built_in(), {.ask_at = 0.3, .dispatch_at = 1 - 1e-9});
  CHECK(half.all.shares.confirm_rate == 0.5);
  turns.erase(turns.begin());
  const auto two_of_three =
      router::evaluate(turns, router::Scorer::built_in(), {.ask_at = 0.3, .dispatch_at = 1 - 1e-9});
  CHECK(two_of_three.all.shares.confirm_rate == doctest::Approx(2.0 / 3));
}

#include <doctest/doctest.h>

#include "router/decision.h"
#include "router/scorer.h"

namespace {

using router::Confidence;
using router::decide;
using router::Proposal;
using Action = router::Decision::Action;

Proposal proposal(Confidence confidence = Confidence::medium) {
  return {store::DispatchAction::run, "todo-app", "A list", "Build it", confidence, "It needs files"};
}

TEST_CASE("a proposal is answered, asked about or dispatched by its probability and the thresholds") {
  struct Row {
    double ask_at;
    double dispatch_at;
    double p;
    Action action;
  };
  const Row rows[] = {
      {0.35, 0.75, 0.30, Action::answer},  {0.35, 0.75, 0.3499, Action::answer},
      {0.35, 0.75, 0.35, Action::ask},     {0.35, 0.75, 0.6, Action::ask},
      {0.35, 0.75, 0.7499, Action::ask},   {0.35, 0.75, 0.75, Action::dispatch},
      {0.35, 0.75, 0.9, Action::dispatch}, {0.5, 0.5, 0.4999, Action::answer},
      {0.5, 0.5, 0.5, Action::dispatch},  // no asking band
      {0.9, 0.5, 0.6, Action::answer},    // ask_at above dispatch_at: below ask_at nothing happens
      {0.9, 0.5, 0.89, Action::answer},    {0.9, 0.5, 0.9, Action::dispatch},
      {0, 0, 0.001, Action::dispatch},     {0, 1, 0.001, Action::ask},
      {0, 1, 0.999, Action::ask},          {1, 1, 0.999, Action::answer},
      {0, 0.75, 0.02, Action::ask},        {1, 0, 0.999, Action::answer},
  };
  for (const auto& row : rows) {
    CAPTURE(row.ask_at);
    CAPTURE(row.dispatch_at);
    CAPTURE(row.p);
    const auto decision = decide(row.p, {row.ask_at, row.dispatch_at}, {.proposed = true});
    CHECK(to_string(decision.action) == to_string(row.action));
    CHECK_FALSE(decision.offer_specialist);
    CHECK(decision.p == row.p);
    CHECK(decision.cause == "policy");
    CHECK_FALSE(decision.reason.empty());
  }
}

TEST_CASE("without a proposal nothing is asked or dispatched, whatever the thresholds") {
  for (const double ask_at : {0.0, 0.35, 1.0}) {
    for (const double dispatch_at : {0.0, 0.75, 1.0}) {
      for (const double p : {0.001, 0.5, 0.999}) {
        CAPTURE(ask_at);
        CAPTURE(dispatch_at);
        CAPTURE(p);
        const auto decision = decide(p, {ask_at, dispatch_at}, {});
        CHECK(to_string(decision.action) == "answer");
        CHECK(decision.offer_specialist == (p >= ask_at));
      }
    }
  }
}

TEST_CASE("the answer offers the specialist from ask_at on, that value included") {
  CHECK(decide(0.35, {0.35, 0.75}, {}).offer_specialist);
  CHECK_FALSE(decide(0.3499, {0.35, 0.75}, {}).offer_specialist);
  CHECK_FALSE(decide(router::score(std::nullopt), {}, {}).offer_specialist);
}

TEST_CASE("what others said in a message is asked about at most") {
  const auto action = [](double p) {
    return decide(p, {0.35, 0.75}, {.proposed = true, .foreign_text = true});
  };
  CHECK(action(0.2).action == Action::answer);
  CHECK(action(0.5).action == Action::ask);
  CHECK(action(0.5).rule().empty());
  CHECK(action(0.99).action == Action::ask);
  CHECK(action(0.99).rule() == "foreign-text");
  CHECK(decide(0.99, {}, {.foreign_text = true}).action == Action::answer);
}

TEST_CASE("a reason has as many digits as it takes to be true") {
  const auto reason = [](double p, double ask_at, double dispatch_at) {
    router::Thresholds thresholds;
    thresholds.ask_at = ask_at;
    thresholds.dispatch_at = dispatch_at;
    return router::decide(p, thresholds, {.proposed = true}).reason;
  };
  CHECK(reason(0.9968, 0.1, 1) == "ask_at=0.100 <= p=0.997 < dispatch_at=1.000");
  CHECK(reason(0.3491, 0.35, 0.75) == "p=0.349 < ask_at=0.350");
  CHECK(reason(0.75, 0.35, 0.75) == "p=0.75 >= dispatch_at=0.75");
}

TEST_CASE("a decision tells thresholds, their layer and a reason with the numbers") {
  const auto decision = decide(0.6, {0.35, 0.9, "chat tg:-100123"}, {.proposed = true});
  CHECK(decision.thresholds.layer == "chat tg:-100123");
  CHECK(decision.thresholds.ask_at == 0.35);
  CHECK(decision.reason.find("0.60") != std::string::npos);
  CHECK(decision.reason.find("0.90") != std::string::npos);
}

TEST_CASE("until it is calibrated, the score is that of the contract") {
  CHECK(router::score(proposal(Confidence::low)) == 0.3);
  CHECK(router::score(proposal(Confidence::medium)) == 0.6);
  CHECK(router::score(proposal(Confidence::high)) == 0.9);
  CHECK(router::score(std::nullopt) == 0.02);
  CHECK(router::highest_score() == 0.9);
}

TEST_CASE("with the default thresholds low is answered, medium asked and high dispatched") {
  const auto action = [](Confidence c) {
    return to_string(decide(router::score(proposal(c)), {}, {.proposed = true}).action);
  };
  CHECK(action(Confidence::low) == "answer");
  CHECK(action(Confidence::medium) == "ask");
  CHECK(action(Confidence::high) == "dispatch");
}

TEST_CASE("a proposal survives its way through the log") {
  for (const auto confidence : {Confidence::low, Confidence::medium, Confidence::high}) {
    auto written = proposal(confidence);
    written.prompt = "Line one\nLine \"two\" – größer 日本語";
    const auto line = to_json(written);
    CHECK(line.find('\n') == std::string::npos);
    const auto read = router::proposal_from_json(line);
    CHECK(read.action == written.action);
    CHECK(read.slug == written.slug);
    CHECK(read.description == written.description);
    CHECK(read.prompt == written.prompt);
    CHECK(read.confidence == written.confidence);
    CHECK(read.reason == written.reason);
  }
}

TEST_CASE("a log entry that is no proposal is read as an empty one") {
  for (const char* text : {"", "null", "[]", "{", R"({"slug":5,"confidence":"extreme"})"}) {
    CAPTURE(std::string(text));
    const auto read = router::proposal_from_json(text);
    CHECK(read.action == store::DispatchAction::run);
    CHECK(read.slug.empty());
    CHECK(read.confidence == Confidence::medium);
  }
}

}  // namespace

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "bot/reporting/judged_turns.h"
#include "bot/turns/routing_outcomes.h"
#include "router/scoring/judgement.h"
#include "tests/support/store_fixture.h"

using bot::turns::label_of;
using store::DecisionAction;
using store::Verdict;
using store::VerdictSource;

namespace {

using Said = store::JudgedDecision::Said;

store::JudgedDecision decision(DecisionAction action) {
  store::JudgedDecision d;
  d.action = action;
  d.person = "web:u-1";
  return d;
}

TEST_CASE("what is said on purpose counts more than what follows from use, and the operator most") {
  auto d = decision(DecisionAction::answer);
  CHECK_FALSE(label_of(d));
  d.by_use = Said{Verdict::should_dispatch, "web:u-1"};
  REQUIRE(label_of(d));
  CHECK(label_of(d)->needed);
  CHECK(label_of(d)->weight == 0.5);
  d.by_person = Said{Verdict::right, "web:u-1"};
  CHECK_FALSE(label_of(d)->needed);
  CHECK(label_of(d)->weight == 1);
  CHECK(label_of(d)->person == "web:u-1");
  d.by_operator = Said{Verdict::should_dispatch, ""};
  CHECK(label_of(d)->needed);
  CHECK(label_of(d)->person.empty());
}

TEST_CASE("yes and no are answers of whoever was asked, and a later word of a person counts more") {
  auto d = decision(DecisionAction::ask);
  for (const auto state : {store::QuestionState::open, store::QuestionState::expired}) {
    d.question = state;
    CHECK_FALSE(label_of(d));
  }
  d.question = store::QuestionState::no;
  CHECK_FALSE(label_of(d)->needed);
  d.question = store::QuestionState::yes;
  CHECK(label_of(d)->needed);
  d.by_use = Said{Verdict::should_answer, "web:u-1"};
  CHECK(label_of(d)->needed);
  d.by_person = Said{Verdict::right, "web:u-1"};  // of the result
  CHECK(label_of(d)->needed);
  d.by_person = Said{Verdict::should_answer, "web:u-1"};
  CHECK_FALSE(label_of(d)->needed);
}

TEST_CASE("a bad answer says nothing of who should have dealt with it, a bad result does") {
  auto answered = decision(DecisionAction::answer);
  answered.by_person = Said{Verdict::bad_result, "web:u-1"};
  CHECK_FALSE(label_of(answered));
  auto dispatched = decision(DecisionAction::dispatch);
  dispatched.by_person = Said{Verdict::bad_result, "web:u-1"};
  CHECK(label_of(dispatched)->needed);
  dispatched.by_person = Said{Verdict::withdrawn, "web:u-1"};
  CHECK_FALSE(label_of(dispatched));
}

TEST_CASE_FIXTURE(support::StoreFixture, "outcomes have the weight and the person of who said it") {
  store::RoutingLog log(db);
  const auto& scorer = router::Scorer::built_in();
  const auto judged = [&](DecisionAction action) {
    const auto id = decide(action);
    log.add(store::JudgementRecord{id,
                                   to_json(router::judge({"build it"}, {}, scorer, {}, "web:c-1"), scorer),
                                   {},
                                   "web:c-1",
                                   "default",
                                   "default"});
    return id;
  };
  const auto by_use = judged(DecisionAction::answer);
  const auto by_tap = judged(DecisionAction::dispatch);
  const auto by_operator = judged(DecisionAction::answer);
  judged(DecisionAction::answer);
  const auto eve = store::People(db).remember("web", "u-2", "Eve", clock.now());
  log.add({by_use, Verdict::should_dispatch, {}, person.id, clock.now(), VerdictSource::reask});
  log.add({by_tap, Verdict::should_answer, {}, person.id, clock.now(), VerdictSource::button});
  log.add({by_tap, Verdict::right, {}, eve.id, clock.now(), VerdictSource::reaction});
  log.add({by_operator, Verdict::right, "fine", {}, clock.now()});
  const auto outcomes = bot::turns::routing_outcomes(db);
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0].outcome.needed == 1);
  CHECK(outcomes[0].outcome.weight == 0.5);
  CHECK(outcomes[0].outcome.person == "web:u-1");
  CHECK(outcomes[1].outcome.needed == 1);  // the last word
  CHECK(outcomes[1].outcome.person == "web:u-2");
  CHECK(outcomes[2].outcome.needed == 0);
  CHECK(outcomes[2].outcome.person.empty());
}

TEST_CASE_FIXTURE(support::StoreFixture,
                  "at other thresholds rules still decide, and words of others are asked about") {
  store::RoutingLog log(db);
  const auto add = [&](DecisionAction action, const std::string& cause, const std::string& proposal,
                       bool foreign) {
    auto record = store::DispatchLog(db).decision(decide(action));
    record.p = 0.95;
    record.cause = cause;
    record.proposal = proposal;
    const auto id = store::DispatchLog(db).add_decision(record, clock.now());
    log.add(store::JudgementRecord{
        id, foreign ? R"({"foreign":true})" : "{}", {}, "web:c-1", "default", "default"});
  };
  constexpr const char* kProposal = R"({"confidence":"high","slug":"site"})";
  const auto at = [&] { return bot::reporting::project_routing(db, 0.1, 0.2, {}); };
  add(DecisionAction::ask, "policy", kProposal, false);
  CHECK(at().dispatch == 1);
  add(DecisionAction::ask, "policy", kProposal, true);
  CHECK(at().ask == 0.5);
  add(DecisionAction::ask, "rule:foreign-text", kProposal, false);  // of a log without that mark
  CHECK(at().ask == doctest::Approx(2.0 / 3));
  add(DecisionAction::answer, "rule:chat-rule", kProposal, false);
  CHECK(at().answer == doctest::Approx(1.0 / 4));
  add(DecisionAction::dispatch, "rule:user-rule", R"({"slug":"own-words"})", false);
  CHECK(at().dispatch == doctest::Approx(2.0 / 5));
  add(DecisionAction::answer, "policy", R"({"slug":"a \"confidence\":\"high\""})",
      false);  // nobody's confidence
  CHECK(at().answer == doctest::Approx(2.0 / 6));
}

}  // namespace

#include <doctest/doctest.h>

#include "base/error.h"
#include "store/dispatch_log.h"
#include "tests/support/store_fixture.h"

namespace {

using store::DecisionAction;
using store::DispatchOutcome;
using store::DispatchState;
using store::QuestionState;

struct Fixture : support::StoreFixture {
  store::DispatchLog log{db};

  store::DecisionRecord decision(DecisionAction action, double p) {
    store::DecisionRecord d;
    d.message = say("please");
    d.conversation = conversation.id;
    d.person = person.id;
    d.action = action;
    d.p = p;
    d.ask_at = 0.35;
    d.dispatch_at = 0.75;
    d.layer = "chat web:c-1";
    d.cause = "rule:command";
    d.reason = "it was demanded";
    d.proposal = R"({"slug":"x"})";
    return d;
  }
};

TEST_CASE_FIXTURE(Fixture, "a decision is kept with all its reasons") {
  const auto written = decision(DecisionAction::ask, 0.6);
  const auto id = log.add_decision(written, clock.now());
  const auto read = log.decision(id);
  CHECK(read.id == id);
  CHECK(read.message == written.message);
  CHECK(read.conversation == written.conversation);
  CHECK(read.person == written.person);
  CHECK(read.action == DecisionAction::ask);
  CHECK(read.p == 0.6);
  CHECK(read.ask_at == 0.35);
  CHECK(read.dispatch_at == 0.75);
  CHECK(read.layer == "chat web:c-1");
  CHECK(read.cause == "rule:command");
  CHECK(read.reason == "it was demanded");
  CHECK(read.proposal == written.proposal);
  CHECK(read.question == QuestionState::open);
  CHECK_THROWS_AS(log.decision({999}), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "only an ask has a question") {
  CHECK_FALSE(log.decision(log.add_decision(decision(DecisionAction::answer, 0.02), clock.now())).question);
  CHECK_FALSE(log.decision(log.add_decision(decision(DecisionAction::dispatch, 0.9), clock.now())).question);
}

TEST_CASE_FIXTURE(Fixture, "the database refuses a probability that is none and an action that is none") {
  for (const double p : {0.0, 1.0, -0.1, 1.5}) {
    CAPTURE(p);
    CHECK_THROWS_AS(log.add_decision(decision(DecisionAction::answer, p), clock.now()), std::runtime_error);
  }
  CHECK_THROWS_AS(log.add_decision(decision(DecisionAction{99}, 0.5), clock.now()), std::runtime_error);
  CHECK_NOTHROW(log.add_decision(decision(DecisionAction::answer, 0.001), clock.now()));
  CHECK_NOTHROW(log.add_decision(decision(DecisionAction::answer, 0.999), clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "a question is answered once") {
  const auto id = log.add_decision(decision(DecisionAction::ask, 0.6), clock.now());
  CHECK_THROWS_AS(log.answer_question(id, QuestionState{99}, clock.now()), std::runtime_error);
  CHECK(log.answer_question(id, QuestionState::yes, clock.now()));
  CHECK_FALSE(log.answer_question(id, QuestionState::no, clock.now()));
  CHECK(log.decision(id).question == QuestionState::yes);
  const auto answered = log.add_decision(decision(DecisionAction::answer, 0.1), clock.now());
  CHECK_FALSE(log.answer_question(answered, QuestionState::yes, clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "the newest open question to that person in that chat is found") {
  const auto other = store::People(db).remember("web", "u-2", "Bob", clock.now());
  CHECK_FALSE(log.open_question(conversation.id, person.id));
  const auto first = log.add_decision(decision(DecisionAction::ask, 0.6), clock.now());
  const auto second = log.add_decision(decision(DecisionAction::ask, 0.6), clock.now());
  CHECK(log.open_question(conversation.id, person.id)->id == second);
  CHECK_FALSE(log.open_question(conversation.id, other.id));
  log.answer_question(second, QuestionState::expired, clock.now());
  CHECK(log.open_question(conversation.id, person.id)->id == first);
  log.answer_question(first, QuestionState::no, clock.now());
  CHECK_FALSE(log.open_question(conversation.id, person.id));
}

TEST_CASE_FIXTURE(Fixture, "one decision leads to one dispatch") {
  const auto first = dispatch(project("todo-app"));
  auto again = log.dispatch(first);
  CHECK_THROWS_AS(log.add_dispatch(again, clock.now()), std::runtime_error);
  again.decision = decide();
  CHECK_NOTHROW(log.add_dispatch(again, clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "the database refuses an action, an outcome or a row that does not exist") {
  const auto todo = project("todo-app");
  CHECK_THROWS_AS(dispatch(todo, store::DispatchAction{99}), std::runtime_error);
  const auto id = dispatch(todo);
  CHECK_THROWS_AS(log.finish(id, DispatchOutcome{99}, "", "{}", 0, clock.now()), std::runtime_error);
  CHECK(log.dispatch(id).state == DispatchState::queued);
  store::Project unknown;
  unknown.id = {999};
  CHECK_THROWS_AS(dispatch(unknown), std::runtime_error);
  CHECK_THROWS_AS(log.dispatch({999}), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a dispatch goes from queued to running to finished") {
  const auto todo = project("todo-app");
  const auto id = dispatch(todo);
  CHECK(log.dispatch(id).state == DispatchState::queued);
  CHECK(log.running() == 0);
  const auto begun = clock.now();
  log.begin(id, "session-1", false, "20261122-170500-1", begun);
  auto d = log.dispatch(id);
  CHECK(d.state == DispatchState::running);
  CHECK(d.attempts == 1);
  CHECK(d.record == "20261122-170500-1");
  CHECK(d.started == begun);
  CHECK_FALSE(d.session_begun);
  CHECK(log.running() == 1);
  log.mark_session_begun(id, "session-2");
  clock.advance(std::chrono::seconds(9));
  log.finish(id, DispatchOutcome::success, "Done.", R"({"turns":2})", 0.25, clock.now());
  d = log.dispatch(id);
  CHECK(d.state == DispatchState::finished);
  CHECK(d.outcome == DispatchOutcome::success);
  CHECK(d.session_id == "session-2");
  CHECK(d.session_begun);
  CHECK(d.result == "Done.");
  CHECK(d.facts == R"({"turns":2})");
  CHECK(d.usd == 0.25);
  CHECK(d.finished == clock.now());
  CHECK(log.running() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a dispatch that is given back has used no attempt and keeps its first start") {
  const auto id = dispatch(project("todo-app"));
  const auto first = clock.now();
  log.begin(id, "s", false, "r-1", first);
  log.give_back(id);
  CHECK(log.dispatch(id).state == DispatchState::queued);
  CHECK(log.dispatch(id).attempts == 0);
  clock.advance(std::chrono::seconds(5));
  log.begin(id, "s", true, "r-2", clock.now());
  CHECK(log.dispatch(id).attempts == 1);
  CHECK(log.dispatch(id).resumes_session);
  CHECK(log.dispatch(id).started == first);
}

TEST_CASE_FIXTURE(Fixture, "each process that works on a dispatch is a leg of it") {
  const auto id = dispatch(project("todo-app"));
  const auto first = clock.now();
  CHECK(log.legs(id).empty());
  log.begin(id, "s", false, "r-1", first);
  REQUIRE(log.legs(id).size() == 1);
  CHECK_FALSE(log.legs(id)[0].ended);
  clock.advance(std::chrono::seconds(5));
  log.interrupt(id, 3, clock.now());
  log.give_back(id);
  log.interrupt(id, 9, clock.now());  // nothing runs that could be cut
  clock.advance(std::chrono::seconds(60));
  log.begin(id, "s", true, "r-2", clock.now());
  clock.advance(std::chrono::seconds(2));
  log.finish(id, DispatchOutcome::success, "Done.", "{}", 0, clock.now());
  const auto legs = log.legs(id);
  REQUIRE(legs.size() == 2);
  CHECK(legs[0].record == "r-1");
  CHECK(legs[0].interrupted);
  CHECK(legs[0].turns == 3);
  CHECK(legs[0].ended == first + std::chrono::seconds(5));
  CHECK_FALSE(legs[1].interrupted);
  CHECK(legs[1].started == first + std::chrono::seconds(65));
  CHECK(legs[1].ended == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "what is not finished can be cancelled, and it is remembered") {
  const auto id = dispatch(project("todo-app"));
  CHECK_FALSE(log.cancel_requested(id));
  CHECK(log.request_cancel(id, person.id));
  CHECK(log.cancel_requested(id));
  CHECK(log.request_cancel(id, person.id));
  CHECK(log.dispatch(id).cancel_requested);
  log.finish(id, DispatchOutcome::cancelled, "", "{}", 0, clock.now());
  CHECK_FALSE(log.request_cancel(id, person.id));
  const auto other = dispatch(project("blog"));
  log.finish(other, DispatchOutcome::success, "", "{}", 0, clock.now());
  CHECK_FALSE(log.request_cancel(other, person.id));
  CHECK_FALSE(log.cancel_requested(other));
}

TEST_CASE_FIXTURE(Fixture, "the note of a dispatch knows its dispatch, and the other way round") {
  const auto id = dispatch(project("todo-app"));
  const auto note = say("On it");
  log.set_note(id, note);
  CHECK(log.dispatch(id).note == note);
  CHECK(store::Conversations(db).message(note).dispatch == id);
}

TEST_CASE_FIXTURE(Fixture, "open and finished dispatches of a project are told apart") {
  const auto todo = project("todo-app");
  CHECK_FALSE(log.open_of(todo.id));
  CHECK_FALSE(log.last_of(todo.id));
  const auto first = dispatch(todo);
  const auto second = dispatch(todo);
  const auto elsewhere = dispatch(project("blog"));
  CHECK(log.open(conversation.id).size() == 3);
  CHECK(log.open_of(todo.id)->id == first);
  CHECK(log.last_of(todo.id)->id == second);
  CHECK_FALSE(log.last_finished_of(todo.id));
  log.finish(first, DispatchOutcome::error, "", "{}", 0, clock.now());
  CHECK(log.open_of(todo.id)->id == second);
  CHECK(log.last_finished_of(todo.id)->id == first);
  log.finish(second, DispatchOutcome::success, "", "{}", 0, clock.now());
  CHECK_FALSE(log.open_of(todo.id));
  CHECK(log.last_finished_of(todo.id)->id == second);
  REQUIRE(log.open(conversation.id).size() == 1);
  CHECK(log.open(conversation.id)[0].id == elsewhere);
  CHECK(log.open({999}).empty());
}

}  // namespace

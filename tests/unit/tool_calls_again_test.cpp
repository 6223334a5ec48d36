// Which calls can be made as they are, and which of them only read.
#include <chrono>

#include <doctest/doctest.h>

#include "bot/tools/argument_check.h"
#include "bot/tools/patterns.h"
#include "store/made_calls.h"
#include "store/retention.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

using bot::tools::argument_faults;
using bot::tools::is_named_as_reading;
using support::contains;

TEST_CASE("arguments are held against what the schema requires, and against its types at the top") {
  constexpr const char* kSchema =
      R"({"type":"object","properties":{"to":{"type":"array"},"body":{"type":"string"},"n":{"type":"integer"},
"cc":{"type":["array","null"]},"any":{"anyOf":[{"type":"string"}]}},"required":["to","body"]})";
  CHECK(argument_faults(kSchema, R"({"to":["a"],"body":"x","n":3.0,"cc":null,"any":1,"more":[]})").empty());
  const auto faults = argument_faults(kSchema, R"({"to":"a","n":3.5})");
  CHECK(contains(faults, R"("body" is missing)"));
  CHECK(contains(faults, R"("to" is of the type string and must be ["array"])"));
  CHECK(contains(faults, R"("n" is of the type number)"));
  CHECK(!argument_faults(kSchema, "[]").empty());
  CHECK(argument_faults("{}", "{}").empty());
}

TEST_CASE("a tool that begins with a reading word only reads") {
  for (const char* name : {"list_events", "getItem", "search", "read-file", "check_status", "List_Folders"}) {
    CAPTURE(name);
    CHECK(is_named_as_reading(name));
  }
  for (const char* name :
       {"create_event", "listen", "getaway", "find_and_replace", "getOrCreate", "", "__"}) {
    CAPTURE(name);
    CHECK(!is_named_as_reading(name));
  }
}

namespace {

struct Fixture : support::StoreFixture {
  store::ToolCalls calls{db};
  store::MadeCalls made{db};

  std::int64_t call(store::MessageId message, store::ToolCallState end) {
    store::ToolCallRecord record;
    record.message = message;
    record.conversation = conversation.id;
    record.person = person.id;
    record.server = "calendar";
    record.tool = "create";
    record.arguments = "{}";
    record.hash = "same";
    const auto id = calls.add(record, clock.now());
    calls.end(id, end, "ev-42", clock.now());
    return id;
  }
  std::size_t told(store::MessageId until) {
    return made.recent(conversation, person.id, until, clock.now() - std::chrono::hours(24)).size();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "calls are told for a few turns of their person, and not once their words are gone") {
  const auto first = say("add lunch");
  call(first, store::ToolCallState::done);
  auto last = say("move it");
  CHECK(told(last) == 1);
  const auto other = store::People(db).remember("web", "u-2", "Ben", clock.now());
  const auto of_other = say("and I?", conversation, other);
  CHECK(made.recent(conversation, other.id, of_other, clock.now() - std::chrono::hours(24)).empty());
  const auto elsewhere = store::Conversations(db).open("web", "c-2", clock.now());
  const auto there = say("move it", elsewhere, person);
  CHECK(made.recent(elsewhere, person.id, there, clock.now() - std::chrono::hours(24)).empty());
  SUBCASE("four turns later") {
    for (int i = 0; i < 3; ++i) {
      last = say("more");
    }
    CHECK(told(last) == 1);
    CHECK(told(say("more")) == 0);
  }
  SUBCASE("a day later") {
    clock.advance(std::chrono::hours(25));
    CHECK(told(say("more")) == 0);
  }
  SUBCASE("when its words are past their time") {
    store::Retention(db).empty(first, clock.now());
    CHECK(told(last) == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "a call is in doubt where nobody knows of it, or its turn failed behind it") {
  store::ToolCallRecord wanted;
  wanted.person = person.id;
  wanted.conversation = conversation.id;
  wanted.hash = "same";
  wanted.message = say("add lunch");
  const auto doubtful = [&] {
    const auto before = made.same_before(wanted);
    return before && made.is_in_doubt(*before);
  };
  call(wanted.message, store::ToolCallState::uncertain);
  CHECK(!doubtful());  // its own turn
  const auto first = wanted.message;
  wanted.message = say("again");
  CHECK(doubtful());
  const auto then = say("again");
  call(then, store::ToolCallState::done);
  CHECK(!doubtful());
  auto failed = decision(then, conversation, person, store::DecisionAction::answer);
  failed.outcome = store::DecisionOutcome::failed;
  store::DispatchLog(db).add_decision(failed, clock.now());
  CHECK(doubtful());
  CHECK(made.same_before(wanted)->message != first);
}

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "store/log_view.h"
#include "tests/support/store_fixture.h"

namespace {

using std::chrono::minutes;
using store::DecisionAction;

struct Fixture : support::StoreFixture {
  store::LogView view{db};

  Fixture() {
    const auto other_chat = store::Conversations(db).open("ops", "c:2", clock.now());
    const auto other = store::People(db).remember("ops", "u-2", "Bob", clock.now());
    store::DispatchLog log(db);
    for (int i = 0; i < 3; ++i) {
      clock.advance(minutes(1));
      decide(DecisionAction::answer);
      log.add_decision(decision(say("hello", other_chat, other), other_chat, other, DecisionAction::answer),
                       clock.now());
    }
    auto failed = decision(say("hello"), conversation, person, DecisionAction::answer);
    failed.outcome = store::DecisionOutcome::failed;
    log.add_decision(failed, clock.now());
    clock.advance(minutes(1));
    dispatch(project("site"));
    // A task that follows an answer says what became of it.
    auto follow = decision(say("please"), conversation, person, DecisionAction::dispatch);
    follow.follows = decide(DecisionAction::answer);
    const auto followed = log.add_decision(follow, clock.now());
    store::DispatchRecord d;
    d.decision = followed;
    d.conversation = conversation.id;
    d.person = person.id;
    d.project = project("shop").id;
    d.prompt = "do it";
    d.specialist = "claude-code";
    log.add_dispatch(d, clock.now());
  }

  /// The rows that a filter gives are those that it keeps of all.
  template <typename Keep>
  void check(const store::LogFilter& filter, std::size_t count, const Keep& keep) {
    std::vector<store::DecisionId> wanted, got;
    for (const auto& row : view.rows({})) {
      if (keep(row)) {
        wanted.push_back(row.decision);
      }
    }
    for (const auto& row : view.rows(filter)) {
      got.push_back(row.decision);
    }
    CHECK(wanted.size() == count);
    CHECK(got == wanted);
  }
};

TEST_CASE_FIXTURE(Fixture, "each filter of the log gives what it keeps of the whole log") {
  using Row = store::LogRow;
  check({.chat = "web:c-1"}, 7, [](const Row& row) { return row.chat == "web:c-1"; });
  check({.chat = "ops:c:2"}, 3, [](const Row& row) { return row.chat == "ops:c:2"; });
  check({.chat = "ops"}, 3, [](const Row& row) { return row.chat.starts_with("ops:"); });
  check({.chat = "ops:nobody"}, 0, [](const Row&) { return false; });
  check({.project = "site"}, 1, [](const Row& row) { return row.project == "site"; });
  check({.project = "none"}, 0, [](const Row&) { return false; });
  store::LogFilter of_person;
  of_person.user = "ops:u-2";
  check(of_person, 3, [](const Row& row) { return row.user == "ops:u-2"; });
  of_person.user = "ops:u-3";
  check(of_person, 0, [](const Row&) { return false; });
}

TEST_CASE_FIXTURE(Fixture, "an outcome is found wherever it is written down") {
  for (const auto* outcome : {"answered", "failed", "queued", "success"}) {
    CAPTURE(outcome);
    const auto is_it = [&](const store::LogRow& row) { return row.outcome == outcome; };
    const auto all = view.rows({});
    store::LogFilter filter;
    filter.outcome = outcome;
    check(filter, static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_it)), is_it);
  }
  // The task, the one that follows an answer, and that answer.
  store::LogFilter queued;
  queued.outcome = "queued";
  CHECK(view.rows(queued).size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a time has two ends, and there may be nothing between them") {
  const auto now = clock.now();
  store::LogFilter filter;
  filter.since = now - minutes(2);
  filter.until = now;
  check(filter, 5, [&](const store::LogRow& row) { return row.at >= now - minutes(2) && row.at < now; });
  filter.since = now + minutes(1);
  filter.until.reset();
  check(filter, 0, [](const store::LogRow&) { return false; });
}

}  // namespace

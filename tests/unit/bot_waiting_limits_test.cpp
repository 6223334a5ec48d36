// How much may wait: of one person, and altogether.
#include <doctest/doctest.h>

#include "bot/messages/intake.h"
#include "bot/texts/access.h"
#include "store/conversations.h"
#include "store/dispatch_log.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/projects.h"
#include "tests/support/services_fixture.h"

namespace {

using bot::messages::BacklogFull;

struct Fixture : support::ServicesFixture {
  bot::messages::Intake intake{services, commits};
  store::JobQueue queue{db};

  Fixture() {
    policy.max_waiting["tg"] = 3;
    allow("tg", bot::runtime::Access::Mode::open);
    allow("ops", bot::runtime::Access::Mode::open);
  }

  bot::messages::Intake::Taken say(const std::string& text, const std::string& user = "u-1",
                                   const std::string& chat = "c-1", const std::string& section = "tg") {
    return intake.take(section, {"m-" + std::to_string(++next_), chat, user, "Ada", text, std::nullopt});
  }
  /// A run that has not begun.
  void order(const store::Person& who, const store::Conversation& where, const std::string& slug) {
    store::DispatchLog log(db);
    store::DecisionRecord decision;
    decision.message =
        store::Conversations(db).add_incoming(where.id, who.id, {}, "/dispatch", std::nullopt, clock.now());
    decision.conversation = where.id;
    decision.person = who.id;
    decision.action = store::DecisionAction::dispatch;
    decision.p = 0.5;
    store::DispatchRecord dispatch;
    dispatch.decision = log.add_decision(decision, clock.now());
    dispatch.conversation = where.id;
    dispatch.person = who.id;
    dispatch.project = store::Projects(db).create(slug, std::nullopt, "", clock.now()).id;
    log.add_dispatch(dispatch, clock.now());
  }
  int posted() { return queue.open(store::Outbox::job_kind("tg")); }

 private:
  int next_ = 0;
};

TEST_CASE_FIXTURE(Fixture, "of one person only so many messages wait, and the next gets a sentence, once") {
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(say("hello", "u-1", "c-" + std::to_string(i)).refused);
  }
  const auto fourth = say("hello");
  CHECK(fourth.refused);
  CHECK(fourth.told);
  CHECK(fourth.message.value == 0);
  CHECK(queue.open(bot::runtime::kTurnJob) == 3);
  CHECK(posted() == 1);
  const auto history =
      store::Conversations(db).history(store::Conversations(db).find("tg", "c-1")->id, std::nullopt, 10);
  CHECK(history.back().text == bot::texts::kTooManyWaiting);
  for (int i = 0; i < 10; ++i) {
    CHECK(say("hello").refused);
  }
  CHECK(posted() == 1);
  clock.advance(std::chrono::minutes(2));
  CHECK(say("hello").told);
  CHECK(posted() == 2);
}

TEST_CASE_FIXTURE(Fixture, "others, quick commands, and sections without a limit are not held up") {
  for (int i = 0; i < 4; ++i) {
    say("hello");
  }
  CHECK_FALSE(say("hello", "u-2").refused);
  CHECK_FALSE(say("/cancel").refused);
  for (int i = 0; i < 50; ++i) {
    CHECK_FALSE(say("hello", "u-1", "c-1", "ops").refused);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "orders wait like messages: quick turns are bound, and the runs that they ask for") {
  const auto finish = [&](const char* kind) {
    while (const auto job = queue.claim(kind, clock.now())) {
      queue.complete(*job);
    }
  };
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(say("/status").refused);
  }
  CHECK(say("/status").refused);
  finish(bot::runtime::kQuickTurnJob);
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(say("/dispatch build " + std::to_string(i)).refused);
  }
  CHECK(say("/dispatch build more").refused);
  CHECK_FALSE(say("/status").refused);
  CHECK_FALSE(say("/dispatch build it", "u-2").refused);
  finish(bot::runtime::kTurnJob);
  // They have become runs that wait.
  const auto ada = *store::People(db).find("tg", "u-1");
  const auto chat = *store::Conversations(db).find("tg", "c-1");
  for (int i = 0; i < 3; ++i) {
    order(ada, chat, "p-" + std::to_string(i));
  }
  CHECK(say("/dispatch build more").refused);
  CHECK_FALSE(say("hello").refused);
  CHECK_FALSE(say("/dispatch build it", "u-2").refused);
}

TEST_CASE_FIXTURE(Fixture, "what is claimed waits no more") {
  for (int i = 0; i < 3; ++i) {
    say("hello");
  }
  REQUIRE(queue.claim(bot::runtime::kTurnJob, clock.now()));
  CHECK_FALSE(say("hello").refused);
  CHECK(say("hello").refused);
}

TEST_CASE("nothing is stored where too much waits altogether, until some of it is done") {
  struct Small : support::ServicesFixture {
    Small() { settings.max_backlog = 2; }
  } small;
  small.allow("ops", bot::runtime::Access::Mode::open);
  bot::messages::Intake intake(small.services, small.commits);
  const auto say = [&](const std::string& id) {
    return intake.take("ops", {id, "c-1", "u-1", "Ada", "hello", std::nullopt});
  };
  say("m-1");
  say("m-2");
  CHECK_THROWS_AS(say("m-3"), BacklogFull);
  store::JobQueue queue(small.db);
  CHECK(queue.open(bot::runtime::kTurnJob) == 2);
  const auto job = queue.claim(bot::runtime::kTurnJob, small.clock.now());
  REQUIRE(job);
  REQUIRE(queue.complete(*job));
  bot::messages::Backlog recounted(2);
  CHECK_NOTHROW(recounted.make_room(small.db));
  CHECK_THROWS_AS(recounted.make_room(small.db), BacklogFull);
}

}  // namespace

// How much may wait: of one person, and altogether.
#include <doctest/doctest.h>

#include "bot/chat/platform.h"
#include "bot/chat/sender_is_told.h"
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
  /// What the chat was told last.
  std::string last_said(const std::string& chat = "c-1", const std::string& section = "tg") {
    store::Conversations conversations(db);
    const auto said = conversations.history(conversations.find(section, chat)->id, std::nullopt, 10);
    return said.empty() ? "" : said.back().text;
  }
  /// The limit of one message is reached in another chat.
  void fill(const std::string& section) {
    policy.max_waiting[section] = 1;
    allow(section, bot::runtime::Access::Mode::open);
    say("hello", "u-1", "elsewhere", section);
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
  CHECK(last_said() == bot::texts::kTooManyWaiting);
  // One call that says it, and one, not attempted yet, that adds the others.
  for (int i = 0; i < 10; ++i) {
    CHECK(say("hello").told);
  }
  CHECK(posted() == 2);
  clock.advance(std::chrono::minutes(2));
  CHECK(say("hello").told);
  CHECK(posted() == 3);
}

TEST_CASE_FIXTURE(Fixture, "each message that is not taken is named in the chat in which it was written") {
  fill("tg");
  say("one");
  say("two\n*lines*");
  CHECK(last_said() == std::string(bot::texts::kTooManyWaiting) + "\n\nNor did I take:\n\n- two \\*lines\\*");
  CHECK(say("three", "u-1", "c-2").told);
  CHECK(last_said("c-2") == bot::texts::kTooManyWaiting);
  for (int i = 0; i < 20; ++i) {
    say("again " + std::to_string(i));
  }
  CHECK(last_said().find("again 8") != std::string::npos);
  CHECK(last_said().find("again 9") == std::string::npos);
  CHECK(last_said().ends_with("\n- and 11 more"));
}

TEST_CASE_FIXTURE(Fixture, "in a group the words of what is not taken are not repeated, but counted") {
  fill("tg");
  const auto say_there = [&](const std::string& id) {
    bot::chat::IncomingMessage message{id, "g-1", "u-1", "Ada", "private words", std::nullopt};
    message.place = bot::chat::IncomingMessage::Place::group;
    return intake.take("tg", message);
  };
  CHECK(say_there("g1").told);
  CHECK(say_there("g2").told);
  CHECK(say_there("g3").told);
  CHECK(last_said("g-1").ends_with("- and 2 more"));
  CHECK(last_said("g-1").find("private") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what was not taken is taken when it comes again under its id") {
  fill("tg");
  const bot::chat::IncomingMessage message{"same", "c-1", "u-1", "Ada", "hello", std::nullopt};
  CHECK(intake.take("tg", message).refused);
  REQUIRE(queue.claim(bot::runtime::kTurnJob, clock.now()));
  const auto again = intake.take("tg", message);
  CHECK_FALSE(again.repeated);
  CHECK_FALSE(again.refused);
  CHECK(again.message.value != 0);
}

/// A service whose sender sees the answer to the call.
class Answered final : public bot::chat::Platform, public bot::chat::SenderIsTold {
 public:
  explicit Answered(bool alone) : alone_(alone) {}
  std::string deliver(const store::OutgoingCall&, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    return {};
  }
  bool by_answer_alone() const override { return alone_; }

 private:
  const bool alone_;
};

TEST_CASE_FIXTURE(Fixture, "who is told by the answer to the call gets an error, and nothing is kept of it") {
  for (const bool alone : {true, false}) {
    CAPTURE(alone);
    const std::string section = alone ? "page" : "program";
    platforms[section] = std::make_unique<Answered>(alone);
    fill(section);
    const auto take = [&](const std::string& id, const std::string& chat) {
      return intake.take(section, {id, chat, "u-1", "Ada", "hello", std::nullopt});
    };
    if (!alone) {
      // A person hears it once in each chat.
      CHECK(take("first", "c-1").told);
      CHECK(take("first of another chat", "c-2").told);
    }
    CHECK_THROWS_AS(take("second", "c-1"), bot::messages::TooManyWaiting);
    CHECK(queue.open(store::Outbox::job_kind(section)) == (alone ? 0 : 2));
    while (const auto job = queue.claim(bot::runtime::kTurnJob, clock.now())) {
      queue.complete(*job);
    }
    CHECK(take("second", "c-1").message.value != 0);
  }
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

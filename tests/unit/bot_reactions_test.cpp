#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "bot/messages/intake.h"
#include "store/outbox.h"
#include "store/routing_log.h"
#include "tests/support/services_fixture.h"

namespace {

using Change = bot::chat::Reaction::Change;

/// A question that was answered, and a task that was done, in the chat c-1 of Ada (u-1).
struct Fixture : support::ServicesFixture {
  bot::messages::Intake intake{services, commits};
  store::DecisionId answered = decide(store::DecisionAction::answer);
  std::string answer_key;
  int next = 0;

  Fixture() {
    allow("web", bot::runtime::Access::Mode::open);
    const auto asked = store::DispatchLog(db).decision(answered).message;
    store::Outbox(db).post(
        conversation, {"An answer.", {}, store::Conversations(db).message(asked).external_id}, clock.now());
    answer_key = key();
    db.handle().exec("UPDATE outbox SET external_id = 'ts-1' WHERE id = 1");
  }

  std::string key() {
    return db.handle().execAndGet("SELECT key FROM outbox ORDER BY id DESC LIMIT 1").getString();
  }
  void react(const std::string& emoji, const std::string& under, Change change = Change::added,
             const std::string& user = "u-1") {
    bot::chat::IncomingMessage reaction{"r-" + std::to_string(++next), "c-1", user, "", "", std::nullopt};
    reaction.kind = bot::chat::IncomingMessage::Kind::reaction;
    reaction.message_id = under;
    reaction.reaction = bot::chat::Reaction{emoji, change};
    CHECK(intake.take("web", reaction).ignored);
    CHECK(intake.take("web", reaction).repeated);
  }
  std::vector<store::Verdict> verdicts(store::DecisionId decision) {
    std::vector<store::Verdict> said;
    for (const auto& verdict : store::RoutingLog(db).verdicts(decision)) {
      CHECK(verdict.source == store::VerdictSource::reaction);
      CHECK(verdict.by == person.id);
      said.push_back(verdict.verdict);
    }
    return said;
  }
};

using Verdicts = std::vector<store::Verdict>;
using store::Verdict;

TEST_CASE_FIXTURE(Fixture, "the thumb of somebody who is blocked says nothing") {
  store::People(db).set_blocked(person.id, clock.now());
  react("👍", answer_key);
  CHECK(verdicts(answered).empty());
  store::People(db).set_blocked(person.id, std::nullopt);
  react("👍", answer_key);
  CHECK(verdicts(answered) == Verdicts{Verdict::right});
}

TEST_CASE_FIXTURE(Fixture, "a thumb under an answer is what its person says of it, and can be taken back") {
  for (const auto& id : {answer_key, std::string("ts-1")}) {
    db.handle().exec("DELETE FROM verdicts");
    react("👍", id);
    CHECK(verdicts(answered) == Verdicts{Verdict::right});
    react("👍🏽", id);  // says nothing new
    CHECK(verdicts(answered).size() == 1);
    react("👎", id);
    CHECK(verdicts(answered) == Verdicts{Verdict::right, Verdict::bad_result});
    react("👍", id, Change::removed);  // which does not stand any more
    CHECK(verdicts(answered).size() == 2);
    react("👎", id, Change::removed);
    CHECK(verdicts(answered).back() == Verdict::withdrawn);
  }
}

TEST_CASE_FIXTURE(Fixture, "services that tell names and tones mean the same") {
  for (const char* name : {"+1", "thumbsup", "+1::skin-tone-4"}) {
    db.handle().exec("DELETE FROM verdicts");
    react(name, answer_key);
    CHECK(verdicts(answered) == Verdicts{Verdict::right});
  }
  for (const char* name : {"-1", "thumbsdown"}) {
    db.handle().exec("DELETE FROM verdicts");
    react(name, answer_key);
    CHECK(verdicts(answered) == Verdicts{Verdict::bad_result});
  }
}

TEST_CASE_FIXTURE(Fixture, "other emoji, other people and other messages say nothing") {
  store::People(db).remember("web", "u-2", "Eve", clock.now());
  react("🎉", answer_key);
  react("", answer_key);
  react("👍", answer_key, Change::added, "u-2");
  react("👍", answer_key, Change::added, "u-unknown");
  react("👍", "no-such-message");
  react("👍", "");
  react("👎", answer_key, Change::removed);
  CHECK(verdicts(answered).empty());
  CHECK(db.handle().execAndGet("SELECT count(*) FROM messages WHERE author = 'assistant'").getInt() == 1);
}

TEST_CASE_FIXTURE(Fixture, "under a result it is about the decision to dispatch") {
  const auto id = dispatch(project("site"));
  const auto decided = store::DispatchLog(db).dispatch(id).decision;
  store::Outbox(db).post(conversation, {"Done.", {}, {}, id}, clock.now());
  react("👎", key());
  CHECK(verdicts(decided) == Verdicts{Verdict::bad_result});
}

}  // namespace

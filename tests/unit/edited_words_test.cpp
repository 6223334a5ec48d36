// A message that is edited after its answer: its old words are found nowhere, and the log still verifies.
#include <string>
#include <variant>

#include <doctest/doctest.h>

#include "bot/messages/intake.h"
#include "bot/turns/turn.h"
#include "store/chain_check.h"
#include "store/log_words.h"
#include "store/quotations.h"
#include "store/retention.h"
#include "store/said_words.h"
#include "store/traces.h"
#include "tests/support/columns_with.h"
#include "tests/support/services_fixture.h"

namespace {

struct Fixture : support::ServicesFixture {
  Fixture() { allow("web", bot::runtime::Access::Mode::open); }

  bot::chat::IncomingMessage written(const std::string& id, const std::string& text) const {
    return {id, "c-1", "u-1", "Ada", text, std::nullopt};
  }
  store::MessageId ask(const std::string& id, const std::string& text, const std::string& answer) {
    const auto taken = intake.take("web", written(id, text));
    run_turn(answer);
    return taken.message;
  }
  void run_turn(const std::string& answer) {
    const auto job = store::JobQueue(db).claim(bot::runtime::kTurnJob, clock.now());
    REQUIRE(job);
    model.will_say(answer);
    bot::turns::Turn(services, db, *job).run({});
  }
  /// What that person made of the message `id`.
  bot::messages::Intake::Taken edit(const std::string& id, const std::string& text,
                                    const std::string& user = "u-1") {
    auto edited = written("e-" + std::to_string(++edits_), text);
    edited.kind = bot::chat::IncomingMessage::Kind::edit;
    edited.message_id = id;
    edited.user_id = user;
    return intake.take("web", edited);
  }
  /// What the model was shown last of the chat.
  std::string shown_last() {
    std::string all;
    for (const auto& message : model.requests.back().messages) {
      for (const auto& part : message.content) {
        if (const auto* const text = std::get_if<llm::Text>(&part)) {
          all += text->text + "|";
        }
      }
    }
    return all;
  }
  /// "messages.text " for each column of any table in which that stands.
  std::string columns_with(const std::string& words) {
    store::wipe_traces(db);
    std::string all;
    for (const auto& column : support::columns_with(db, words)) {
      all += column + " ";
    }
    return all;
  }
  std::size_t hits(const std::string& word) {
    return store::SaidWords(db).find({store::Conversations(db).room_of(conversation)}, {word}, 20).size();
  }

  bot::messages::Intake intake{services, commits};

 private:
  int edits_ = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "an edit after the answer replaces the words that are kept, and asks nothing anew") {
  const auto message = ask("m-1", "the zebrafish plan", "A fine plan.");
  CHECK(hits("zebrafish") == 1);
  CHECK(edit("m-1", "the walrus plan").ignored);
  CHECK(store::JobQueue(db).open(bot::runtime::kTurnJob) == 0);
  CHECK(hits("zebrafish") == 0);
  CHECK(hits("walrus") == 1);
  CHECK(columns_with("zebrafish") == "");
  CHECK(store::Conversations(db).message(message).edited == clock.now());
  ask("m-2", "go on", "I do.");
  CHECK(shown_last() == "the walrus plan|A fine plan.|go on|");
  CHECK_FALSE(store::ChainCheck(db).verify().first);
}

TEST_CASE_FIXTURE(Fixture, "what was answered together is edited alone") {
  intake.take("web", written("m-1", "the zebrafish plan"));
  intake.take("web", written("m-2", "and the lynx"));
  run_turn("Two plans.");
  CHECK(store::JobQueue(db).open(bot::runtime::kTurnJob) == 0);
  edit("m-1", "the walrus plan");
  CHECK(columns_with("zebrafish") == "");
  CHECK(hits("walrus") == 1);
  CHECK(hits("lynx") == 1);
}

TEST_CASE_FIXTURE(Fixture, "nobody else edits a message, and none whose words were taken out") {
  const auto message = ask("m-1", "the zebrafish plan", "A fine plan.");
  edit("m-1", "the walrus plan", "u-2");
  CHECK(store::Conversations(db).message(message).text == "the zebrafish plan");
  {
    store::Transaction transaction(db);
    store::Retention(db).empty(message, clock.now());
    transaction.commit();
  }
  CHECK(columns_with("zebrafish") == "");
  edit("m-1", "the walrus plan");
  CHECK(store::Conversations(db).message(message).text.empty());
}

TEST_CASE_FIXTURE(Fixture, "the words of what a question was about are not found by its answer either") {
  const auto asked = say("the zebrafish plan");
  store::Quotations(db).replace(
      asked, {{store::QuotationKind::forward, store::WordsOf::others, "Bo", "by the lynx"}});
  store::DispatchLog log(db);
  const auto question =
      log.add_decision(decision(asked, conversation, person, store::DecisionAction::ask), clock.now());
  auto yes = decision(say("yes"), conversation, person, store::DecisionAction::dispatch);
  yes.follows = question;
  log.add_decision(yes, clock.now());
  while (store::LogWords(db).add(100)) {
  }
  CHECK(hits("zebrafish") > 0);
  CHECK(hits("lynx") > 0);
  edit("m-1", "the walrus plan");
  store::Quotations(db).replace(asked, {});
  CHECK(columns_with("zebrafish") == "");
  CHECK(columns_with("lynx") == "");
  CHECK(hits("walrus") == 1);
}

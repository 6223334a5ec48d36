// What the model says in a turn that asks a person about a call: it was said before that, and stays true.
#include <string>

#include <doctest/doctest.h>

#include "base/log.h"
#include "bot/texts/errors.h"
#include "bot/texts/tools.h"
#include "bot/tools/asked_calls.h"
#include "store/log_view.h"
#include "tests/support/mailbox_fixture.h"
#include "tests/support/text.h"

using State = store::ToolCallState;
using support::contains;

namespace {

class Mailbox : public support::MailboxFixture {
 public:
  Mailbox() : MailboxFixture(says("From: Bob")) {}

  void settle(State state) {
    const auto open = store::ToolCalls(db).open();
    REQUIRE(!open.empty());
    store::Transaction transaction(db);
    bot::tools::AskedCalls(services, db).close(open.front(), state, "It was settled.", {person.id});
    transaction.commit();
  }
};

/// Hears what it is told.
class Ear final : public llm::AnswerListener {
 public:
  void add(std::string_view) override {}
  void withdraw() override {}
};

}  // namespace

TEST_CASE_FIXTURE(
    Mailbox, "what is said beside a question is told as said before it, and taken back where it is over") {
  model.will_call("far__delete_email", R"({"id":"7"})");
  model.will_say("I have deleted it.");
  turn("delete the mail of Bob");
  REQUIRE(said().size() == 2);
  CHECK(said().at(0) == bot::texts::said_before_answer("I have deleted it."));
  CHECK(contains(said().at(1), "Shall I do this?"));
  SUBCASE("after No") {
    settle(State::refused);
    CHECK(said().at(0) == bot::texts::kSaidOfNothing);
  }
  SUBCASE("after its time") {
    settle(State::expired);
    CHECK(said().at(0) == bot::texts::kSaidOfNothing);
  }
  SUBCASE("after the program's end") {
    bot::tools::AskedCalls(services, db).recover();
    CHECK(said().at(0) == bot::texts::kSaidOfNothing);
  }
  SUBCASE("it stays, as said before, where the call was made") {
    bot::tools::AskedCalls asked(services, db);
    const auto call = store::ToolCalls(db).open().front();
    REQUIRE(asked.begin(call));
    asked.end(call, asked.make(call, {}));
    CHECK(said().at(0) == bot::texts::said_before_answer("I have deleted it."));
  }
}

TEST_CASE_FIXTURE(Mailbox, "words about several questions are taken back with the last of them") {
  llm::Completion both;
  both.tool_calls = {{"1", "far__delete_email", R"({"id":"7"})"}, {"2", "far__move_email", R"({"id":"8"})"}};
  model.will_answer(both);
  model.will_say("Both are done.");
  turn("delete one and move the other");
  REQUIRE(store::ToolCalls(db).open().size() == 2);
  settle(State::refused);
  CHECK(said().at(0) == bot::texts::said_before_answer("Both are done."));
  settle(State::expired);
  CHECK(said().at(0) == bot::texts::kSaidOfNothing);
}

TEST_CASE_FIXTURE(Mailbox, "words that also tell what was read are not taken back") {
  model.will_call("far__get_email", R"({"id":"7"})");
  model.will_call("far__delete_email", R"({"id":"7"})");
  model.will_say("It was from Bob. I have deleted it.");
  turn("what does mail 7 say? delete it then");
  settle(State::refused);
  CHECK(said().at(0) == bot::texts::said_before_answer("It was from Bob. I have deleted it."));
}

TEST_CASE_FIXTURE(Mailbox, "where the model says nothing beside it, the question stands alone") {
  model.will_call("far__delete_email", R"({"id":"7"})");
  model.will_say("");
  turn("delete the mail of Bob");
  REQUIRE(said().size() == 1);
  CHECK(contains(said().at(0), "Shall I do this?"));
  CHECK(store::LogView(db).rows({}).at(0).outcome == "answered");
}

TEST_CASE_FIXTURE(Mailbox,
                  "an answer without a question is told as it is, and no draft is shown beside one") {
  model.will_say("It is noon.");
  turn("what time is it?");
  CHECK(said().at(0) == "It is noon.");
  const auto message = store::Conversations(db).message(say("delete it"));
  router::SecretaryTools::Sources sources;
  sources.push_back(tools_for(message));
  router::SecretaryTools tools(db, clock, {conversation, person.id, "UTC", {}}, std::move(sources));
  model.requests.clear();
  model.will_call("far__delete_email", R"({"id":"7"})");
  model.will_say("I have deleted it.");
  Ear ear;
  secretary.propose(
      {{llm::Role::user, {llm::Text{"delete it"}}}}, tools, false, [](const llm::Usage&) {}, {}, {}, &ear);
  REQUIRE(model.requests.size() == 2);
  CHECK(model.requests.at(0).listener == &ear);
  CHECK(model.requests.at(1).listener == nullptr);
}

TEST_CASE_FIXTURE(
    Mailbox, "a model that uses tools without end is told as that, and not as one whose answer is unusable") {
  for (int i = 0; i < 20; ++i) {
    model.will_call("far__get_email", R"({"id":")" + std::to_string(i) + R"("})");
  }
  turn("read all my mail");
  CHECK(contains(said().back(), bot::texts::kModelWithoutEnd));
}

TEST_CASE_FIXTURE(Mailbox, "a secret of the configuration is given to no tool, asked about or not") {
  base::redact("the-key-of-the-mailbox");
  const auto with_secret = R"({"id":"the-key-of-the-mailbox"})";
  for (const char* tool : {"far__delete_email", "far__get_email"}) {
    model.will_call(tool, with_secret);
    model.will_say("It cannot be done with that.");
    turn("take the key");
  }
  CHECK(open() == 0);
  CHECK(store::ToolCalls(db).open().empty());
  CHECK(far.calls("get_email") == 0);
}

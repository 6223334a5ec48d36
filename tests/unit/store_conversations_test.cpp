#include <doctest/doctest.h>

#include "base/error.h"
#include "store/conversations.h"
#include "store/outbox.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  store::Conversations conversations{db};

  static std::vector<std::string> texts(const std::vector<store::Message>& messages) {
    std::vector<std::string> result;
    for (const auto& m : messages) {
      result.push_back(m.text);
    }
    return result;
  }
  store::MessageId click(const std::string& button) {
    return conversations.add_incoming(conversation.id, person.id, "click-" + button, "", button, clock.now());
  }
};
using Texts = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture, "an id is received for the first time once in each section") {
  CHECK(conversations.first_time("ops", "m-1", clock.now()));
  CHECK_FALSE(conversations.first_time("ops", "m-1", clock.now()));
  CHECK(conversations.first_time("ops", "M-1", clock.now()));
  CHECK(conversations.first_time("tg", "m-1", clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "a received id tells which message came of it") {
  conversations.first_time("web", "m-1", clock.now());
  CHECK(conversations.stored_as("web", "m-1") == store::MessageId{0});
  const auto id = say("hello");
  conversations.on_stored("web", "m-1", id);
  CHECK(conversations.stored_as("web", "m-1") == id);
  CHECK(conversations.stored_as("tg", "m-1") == store::MessageId{0});
  CHECK(conversations.stored_as("web", "never seen") == store::MessageId{0});
}

TEST_CASE_FIXTURE(Fixture, "a chat is one conversation, told apart by section and id") {
  const auto again = conversations.open("web", "c-1", clock.now());
  CHECK(again.id == conversation.id);
  const auto other = conversations.open("tg", "c-1", clock.now());
  CHECK(other.id != conversation.id);
  CHECK(conversations.get(other.id).section == "tg");
  CHECK_FALSE(conversations.find("web", "c-2"));
  CHECK_THROWS_AS(conversations.get({999}), base::PermanentError);
  CHECK_THROWS_AS(conversations.message({999}), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "an incoming message is kept with everything that is known of it") {
  const auto id =
      conversations.add_incoming(conversation.id, person.id, "x-1", "Grüezi", std::nullopt, clock.now());
  const auto m = conversations.message(id);
  CHECK(m.author == store::Author::user);
  CHECK(m.person == person.id);
  CHECK(m.external_id == "x-1");
  CHECK(m.text == "Grüezi");
  CHECK(m.created == clock.now());
  CHECK_FALSE(m.edited);
  CHECK_FALSE(m.button);
}

TEST_CASE_FIXTURE(Fixture, "history is the newest page, oldest first, and goes back page by page") {
  std::vector<store::MessageId> ids;
  for (const char* text : {"1", "2", "3", "4", "5"}) {
    ids.push_back(say(text));
  }
  const auto newest = conversations.history(conversation.id, std::nullopt, 2);
  CHECK(texts(newest) == Texts{"4", "5"});
  const auto older = conversations.history(conversation.id, newest.front().id, 2);
  CHECK(texts(older) == Texts{"2", "3"});
  CHECK(texts(conversations.history(conversation.id, older.front().id, 2)) == Texts{"1"});
  CHECK(conversations.history(conversation.id, ids.front(), 2).empty());
}

TEST_CASE_FIXTURE(Fixture, "clicks are in neither history nor context") {
  say("please");
  const auto id = click("b1");
  CHECK(conversations.message(id).button == "b1");
  const auto last = say("thanks");
  CHECK(texts(conversations.history(conversation.id, std::nullopt, 10)) == Texts{"please", "thanks"});
  CHECK(texts(conversations.context(conversation, last, 10)) == Texts{"please", "thanks"});
}

TEST_CASE_FIXTURE(Fixture, "history shows the buttons that can be clicked now") {
  store::Outbox(db).post(conversation, {"Shall I?", {{store::ButtonKind::yes, 1, "Yes"}}}, clock.now());
  const auto page = conversations.history(conversation.id, std::nullopt, 10);
  REQUIRE(page.size() == 1);
  REQUIRE(page[0].buttons.size() == 1);
  CHECK(page[0].buttons[0].label == "Yes");
}

TEST_CASE_FIXTURE(Fixture, "the model is shown nothing from before the start of the context") {
  say("old");
  const auto from = say("new");
  const auto until = say("newer");
  say("too new");
  conversations.start_context_at(conversation.id, from);
  const auto changed = conversations.get(conversation.id);
  CHECK(changed.context_from == from);
  CHECK(texts(conversations.context(changed, until, 10)) == Texts{"new", "newer"});
  CHECK(texts(conversations.context(changed, until, 1)) == Texts{"newer"});
  CHECK(conversations.history(conversation.id, std::nullopt, 10).size() == 4);
}

TEST_CASE_FIXTURE(Fixture, "what one person wrote between two messages is found, clicks and others apart") {
  const auto other = store::People(db).remember("web", "u-2", "Bob", clock.now());
  const auto first = say("one");
  say("from another", conversation, other);
  click("b1");
  const auto last = say("two");
  CHECK_FALSE(conversations.wrote_between(conversation.id, person.id, first, last));
  CHECK(conversations.wrote_between(conversation.id, other.id, first, last));
  const auto later = say("three");
  CHECK(conversations.wrote_between(conversation.id, person.id, first, later));
}

}  // namespace

// What the intake does with words that are not the sender's own, and with parts of a text.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "bot/messages/enclosures.h"
#include "bot/messages/intake.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/people.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

using bot::chat::IncomingMessage;
using store::QuotationKind;
using store::WordsOf;
using support::contains;

namespace {

using Mode = bot::runtime::Access::Mode;

struct Fixture : support::ServicesFixture {
  bot::messages::Intake intake{services, commits};
  store::Conversations conversations{db};
  store::JobQueue queue{db};
  Fixture() { allow("tg", Mode::open); }

  static IncomingMessage message(const std::string& id, const std::string& text = "Hello") {
    return {id, "c-9", "u-9", "Eve", text, std::nullopt};
  }
  static IncomingMessage forward(const std::string& id, const std::string& words) {
    auto m = message(id, "");
    m.quotations = {{QuotationKind::forward, WordsOf::others, "Boris", words}};
    return m;
  }
  std::vector<std::string> texts(const std::string& chat = "c-9") {
    std::vector<std::string> list;
    if (const auto c = conversations.find("tg", chat)) {
      for (const auto& m : conversations.history(c->id, std::nullopt, 100)) {
        if (m.author == store::Author::assistant) {
          list.push_back(m.text);
        }
      }
    }
    return list;
  }
  /// The message as a model reads it.
  std::string told(store::MessageId id) {
    std::vector<store::Message> messages = {conversations.message(id)};
    bot::messages::tell_enclosures(db, messages);
    return messages.front().text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "words of others are kept apart from the sender's, and are no command") {
  const auto taken = intake.take("tg", forward("m-1", "/cancel"));
  CHECK(conversations.message(taken.message).text.empty());
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  CHECK(queue.open(bot::runtime::kQuickTurnJob) == 0);
  const auto kept = store::Quotations(db).of(taken.message);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].author == "Boris");
  CHECK(kept[0].text == "/cancel");
  CHECK(store::is_foreign(kept[0]));
}

TEST_CASE("foreign are the words of others from elsewhere, and neither the bot's nor the thread's") {
  CHECK(store::is_foreign({QuotationKind::reply, WordsOf::others, "Boris", "x"}));
  CHECK(store::is_foreign({QuotationKind::shared, WordsOf::others, "", "x"}));
  CHECK_FALSE(store::is_foreign({QuotationKind::reply, WordsOf::others, "Boris", store::kFilesOnly}));
  CHECK_FALSE(store::is_foreign({QuotationKind::forward, WordsOf::bot, "", "x"}));
  CHECK_FALSE(store::is_foreign({QuotationKind::quote, WordsOf::sender, "Eve", "x"}));
  CHECK_FALSE(store::is_foreign({QuotationKind::thread, WordsOf::others, "Boris", "x"}));
}

TEST_CASE_FIXTURE(Fixture, "a model reads whose words are whose, and no line of others without its mark") {
  auto m = message("m-1", "what does he mean?");
  m.quotations = {{QuotationKind::forward, WordsOf::others, "Boris [the boss]\n", "one\n\nthree"},
                  {QuotationKind::reply, WordsOf::bot, "Frontdesk", "my answer"},
                  {QuotationKind::quote, WordsOf::sender, "Eve", "part"},
                  {QuotationKind::shared, WordsOf::others, "", "card"},
                  {QuotationKind::thread, WordsOf::others, "Ada", "before"}};
  CHECK(told(intake.take("tg", m).message) ==
        "[forwarded from Boris (the boss)]\n> one\n> \n> three\n"
        "[in reply to a message from you]\n> my answer\n"
        "[quoted from the sender]\n> part\n"
        "[shared]\n> card\n"
        "[earlier in this thread, from Ada]\n> before\n"
        "\nwhat does he mean?");
}

TEST_CASE_FIXTURE(Fixture, "long words of others are shortened, and the last ones count most") {
  auto m = forward("m-1", std::string(60'000, 'a') + "END");
  auto text = told(intake.take("tg", m).message);
  CHECK(text.size() < 16'000);
  CHECK(contains(text, "END"));
  for (std::size_t at = text.find('\n'); at + 1 < text.size(); at = text.find('\n', at + 1)) {
    CHECK(text.substr(at + 1, 2) == "> ");
  }
  m = forward("m-2", std::string(30'000, '\n') + "END");
  text = told(intake.take("tg", m).message);
  CHECK(text.size() < 16'000);
  m = message("m-3", "so?");
  for (int i = 0; i < 40; ++i) {
    m.quotations.push_back(
        {QuotationKind::thread, WordsOf::others, "Ada", std::string(1'000, 'b') + std::to_string(i)});
  }
  text = told(intake.take("tg", m).message);
  CHECK(text.size() < 16'000);
  CHECK(contains(text, "b39\n"));
  CHECK_FALSE(contains(text, "b0\n"));
  CHECK(contains(text, "left out"));
}

TEST_CASE_FIXTURE(Fixture, "an edit brings its own quotations") {
  const auto taken = intake.take("tg", forward("m-1", "old"));
  auto edit = forward("e-1", "new");
  edit.kind = IncomingMessage::Kind::edit;
  edit.message_id = "m-1";
  intake.take("tg", edit);
  CHECK(contains(told(taken.message), "> new"));
  CHECK_FALSE(contains(told(taken.message), "> old"));
  auto bare = message("e-2", "so?");
  bare.kind = IncomingMessage::Kind::edit;
  bare.message_id = "m-1";
  intake.take("tg", bare);
  CHECK(conversations.message(taken.message).text == "so?");
  CHECK(contains(told(taken.message), "> new"));  // not every service tells them again
}

TEST_CASE_FIXTURE(Fixture, "a message that is meant for the bot only since an edit is answered, once") {
  auto edit = message("e-1", "what is a mutex?");
  edit.kind = IncomingMessage::Kind::edit;
  edit.message_id = "m-1";
  edit.place = IncomingMessage::Place::group;
  edit.addressed = IncomingMessage::Addressed::by_edit;
  const auto taken = intake.take("tg", edit);
  CHECK(conversations.message(taken.message).external_id == "m-1");
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  edit.external_id = "e-2";
  edit.text = "what is a monitor?";
  CHECK(intake.take("tg", edit).message == taken.message);
  CHECK(conversations.message(taken.message).text == "what is a monitor?");
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
}

TEST_CASE_FIXTURE(Fixture, "who is not admitted is told so after an edit that calls the bot") {
  allow("tg", Mode::pairing);
  auto edit = message("e-1", "hello");
  edit.kind = IncomingMessage::Kind::edit;
  edit.message_id = "m-1";
  edit.place = IncomingMessage::Place::group;
  edit.addressed = IncomingMessage::Addressed::by_edit;
  CHECK(intake.take("tg", edit).told);
  CHECK(contains(texts().at(0), "frontdesk pair"));
}

TEST_CASE_FIXTURE(Fixture, "what cannot be read is answered with a sentence, and not stored") {
  auto story = message("m-1", "");
  story.kind = IncomingMessage::Kind::unreadable;
  CHECK(intake.take("tg", story).message == store::MessageId{0});
  REQUIRE(texts().size() == 1);
  CHECK(contains(texts()[0], "I cannot read this"));
  CHECK(intake.take("tg", story).repeated);
  CHECK(texts().size() == 1);
  CHECK(queue.open(bot::runtime::kTurnJob) == 0);
  allow("tg", Mode::pairing);
  story.external_id = "m-2";
  CHECK(intake.take("tg", story).refused);
  CHECK(contains(texts().at(1), "frontdesk pair"));
}

TEST_CASE_FIXTURE(Fixture, "who cannot be named is told so, at most once an hour in each group") {
  const auto nameless = [](const std::string& id, const std::string& chat) {
    auto m = message(id, "hello");
    m.chat_id = chat;
    m.user_id = "-100";
    m.user_name.clear();
    m.kind = IncomingMessage::Kind::nameless;
    m.place = IncomingMessage::Place::group;
    return m;
  };
  CHECK(intake.take("tg", nameless("m-1", "-100")).told);
  CHECK(intake.take("tg", nameless("m-2", "-100")).refused);
  REQUIRE(texts("-100").size() == 1);
  CHECK(contains(texts("-100")[0], "cannot tell who"));
  CHECK(intake.take("tg", nameless("m-3", "-200")).told);
  clock.advance(std::chrono::minutes(61));
  CHECK(intake.take("tg", nameless("m-4", "-100")).told);
  CHECK(queue.open(bot::runtime::kTurnJob) == 0);
}

TEST_CASE_FIXTURE(Fixture, "the rest of a text that the service cut belongs to it") {
  using std::chrono::milliseconds;
  auto first = message("m-1", "one ");
  first.rest_within = milliseconds(1'500);
  const auto taken = intake.take("tg", first);
  CHECK_FALSE(queue.claim(bot::runtime::kTurnJob, clock.now()));
  clock.advance(milliseconds(400));
  auto second = message("m-2", "two ");
  second.rest_within = milliseconds(1'500);
  CHECK(intake.take("tg", second).message == taken.message);
  clock.advance(milliseconds(1'400));
  CHECK_FALSE(queue.claim(bot::runtime::kTurnJob, clock.now()));
  CHECK(intake.take("tg", message("m-3", "three")).message == taken.message);
  CHECK(intake.take("tg", message("m-3", "three")).repeated);
  CHECK(conversations.message(taken.message).text == "one two three");
  CHECK(queue.claim(bot::runtime::kTurnJob, clock.now())->ref == taken.message.value);
  CHECK(intake.take("tg", message("m-4", "something else")).message != taken.message);
}

/// A part of a text that the service cut.
IncomingMessage part(const std::string& id, const std::string& text, bool goes_on, bool in_group = false) {
  auto m = Fixture::message(id, text);
  m.rest_within = std::chrono::milliseconds(goes_on ? 1'500 : 0);
  m.place = in_group ? IncomingMessage::Place::group : IncomingMessage::Place::direct;
  return m;
}

IncomingMessage edit_of(const std::string& target, const std::string& text) {
  static int count = 0;
  auto m = Fixture::message("edit-" + std::to_string(++count), text);
  m.kind = IncomingMessage::Kind::edit;
  m.message_id = target;
  return m;
}

TEST_CASE_FIXTURE(Fixture, "an edit of one part of a cut text leaves the others as they are") {
  const auto taken = intake.take("tg", part("m-1", "one\n", true));
  intake.take("tg", part("m-2", "two ", true));
  intake.take("tg", part("m-3", "three", false));
  const auto text = [&] { return conversations.message(taken.message).text; };
  CHECK(intake.take("tg", edit_of("m-2", "2, really, ")).message == taken.message);
  CHECK(text() == "one\n2, really, three");
  CHECK(intake.take("tg", edit_of("m-1", "1")).message == taken.message);
  CHECK(text() == "1\n2, really, three");
  intake.take("tg", edit_of("m-3", "drei"));
  intake.take("tg", edit_of("m-1", "eins"));
  CHECK(text() == "eins\n2, really, drei");
  // Another person's edit of it is none.
  auto forged = edit_of("m-2", "mine");
  forged.user_id = "u-8";
  CHECK(intake.take("tg", forged).ignored);
  CHECK(text() == "eins\n2, really, drei");
}

TEST_CASE_FIXTURE(Fixture, "an edit that comes before its part is what the part says") {
  const auto taken = intake.take("tg", part("m-1", "one ", true));
  CHECK(intake.take("tg", edit_of("m-2", "2")).ignored);
  CHECK(intake.take("tg", part("m-2", "two", false)).message == taken.message);
  CHECK(conversations.message(taken.message).text == "one 2");
}

TEST_CASE_FIXTURE(Fixture,
                  "in a group the rest needs no mention of its own, and nothing else is read without one") {
  const auto rest = [](const std::string& id, const std::string& text) {
    auto m = part(id, text, false, true);
    m.addressed = IncomingMessage::Addressed::as_rest;
    return m;
  };
  CHECK(intake.take("tg", rest("m-0", "words of nobody's")).ignored);
  const auto taken = intake.take("tg", part("m-1", "one ", true, true));
  auto other = rest("m-2", "other");
  other.user_id = "u-8";
  CHECK(intake.take("tg", other).ignored);
  CHECK(intake.take("tg", rest("m-3", "two")).message == taken.message);
  CHECK(intake.take("tg", rest("m-3", "two")).repeated);
  CHECK(intake.take("tg", rest("m-4", "three")).ignored);  // the rest was there
  CHECK(conversations.message(taken.message).text == "one two");
  auto edit = edit_of("m-3", "2");
  edit.addressed = IncomingMessage::Addressed::as_rest;
  CHECK(intake.take("tg", edit).message == taken.message);
  CHECK(conversations.message(taken.message).text == "one 2");
  edit.external_id = "e-9";
  edit.message_id = "m-4";
  CHECK(intake.take("tg", edit).ignored);
  CHECK(db.handle().execAndGet("SELECT count(*) FROM held_edits").getInt() == 0);
  CHECK_FALSE(store::People(db).find("tg", "u-8"));
}

TEST_CASE_FIXTURE(Fixture,
                  "it is kept to which message one is a reply, or that it is one to none that is known") {
  const auto first = intake.take("tg", message("1")).message;
  const auto ours = store::Outbox(db).post(*conversations.find("tg", "c-9"), {"Hi.", {}, "1"}, clock.now());
  const auto reply = [&](const std::string& id, const std::string& to) {
    auto m = message(id, "yes");
    m.reply_to = to;
    return conversations.reply_of(intake.take("tg", m).message);
  };
  CHECK(reply("2", "1")->to == first);
  db.handle().exec("UPDATE outbox SET key = 'w-1'");
  CHECK(reply("3", "w-1")->to == ours);
  const auto unknown = reply("4", "nobody knows");
  REQUIRE(unknown);
  CHECK_FALSE(unknown->to);
  CHECK_FALSE(reply("5", ""));
}

TEST_CASE_FIXTURE(Fixture, "what is no rest does not become part of a cut text") {
  auto first = message("m-1", "one ");
  first.rest_within = std::chrono::milliseconds(1'500);
  const auto taken = intake.take("tg", first);
  auto other = message("m-2", "mine");
  other.user_id = "u-8";
  for (const auto& m : {message("m-3", "/status"), forward("m-4", "words"), other}) {
    CHECK(intake.take("tg", m).message != taken.message);
  }
  CHECK(conversations.message(taken.message).text == "one ");
  clock.advance(std::chrono::seconds(2));
  CHECK(queue.claim(bot::runtime::kTurnJob, clock.now())->ref == taken.message.value);
}

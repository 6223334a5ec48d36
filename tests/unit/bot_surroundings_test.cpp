// What is asked of a service before a message is answered.
#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/chat/capabilities.h"
#include "bot/messages/surroundings.h"
#include "store/quotations.h"
#include "tests/support/store_fixture.h"

using bot::chat::Quotation;
using store::QuotationKind;
using store::WordsOf;

namespace {

/// A service whose threads began before the bot came, and that names people by "#1".
class Service final : public bot::chat::Platform,
                      public bot::chat::ReadsThreads,
                      public bot::chat::SpellsOutNames {
 public:
  std::string deliver(const store::OutgoingCall&, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    return {};
  }
  std::vector<Quotation> thread_before(const std::string& chat, const std::string& message,
                                       const IsKnown& is_known, std::stop_token) override {
    asked += chat + " before " + message + "\n";
    if (failures > 0) {
      --failures;
      throw base::TransientError("busy");
    }
    std::vector<Quotation> said = {{QuotationKind::thread, WordsOf::others, "#1", "It is red, #1."},
                                   {QuotationKind::thread, WordsOf::bot, "bot", "I see."}};
    said.resize(bot_spoke ? 2 : 1);
    known = is_known("m-1");
    return is_empty ? std::vector<Quotation>() : said;
  }
  std::string with_names(const std::string& text, std::stop_token) override {
    auto named = text;
    if (const auto at = named.find("#1"); at != std::string::npos) {
      named.replace(at, 2, "Boris");
    }
    return named;
  }
  std::string asked;
  int failures = 0;
  bool bot_spoke = false, is_empty = false, known = false;
};

struct Fixture : support::StoreFixture {
  Service service;
  store::Conversation thread = store::Conversations(db).open("web", "C1/root", clock.now(), "C1");

  store::Message read(store::MessageId id) {
    auto message = store::Conversations(db).message(id);
    bot::messages::read_surroundings(db, &service, thread, message, {});
    CHECK(store::Conversations(db).message(id).text == message.text);
    return message;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a thread that the bot is called into is read, once") {
  const auto first = say("why, #1?", thread, person);
  CHECK(read(first).text == "why, Boris?");
  CHECK(service.asked == "C1/root before m-1\n");
  const std::vector<Quotation> expected = {
      {QuotationKind::thread, WordsOf::others, "Boris", "It is red, Boris."}};
  CHECK(store::Quotations(db).of(first) == expected);
  read(first);  // the turn was begun again
  read(say("and now?", thread, person));
  CHECK(service.asked == "C1/root before m-1\n");
}

TEST_CASE_FIXTURE(Fixture, "a command before it does not keep a thread from being read") {
  service.bot_spoke = true;
  read(say("/status", thread, person));
  const auto mention = say("why?", thread, person);
  read(mention);
  CHECK(service.asked == "C1/root before m-2\n");
  CHECK(service.known);  // the command itself
  const auto kept = store::Quotations(db).of(mention);
  REQUIRE(kept.size() == 1);  // the bot's own words are in the conversation
  CHECK(kept[0].text == "It is red, Boris.");
}

TEST_CASE_FIXTURE(
    Fixture, "a service that cannot tell at the moment is asked again, at once and with the next message") {
  service.failures = 1;
  const auto first = say("why?", thread, person);
  read(first);
  CHECK(store::Quotations(db).of(first).size() == 1);

  thread = store::Conversations(db).open("web", "C1/other", clock.now(), "C1");
  service.failures = 3;
  service.asked.clear();
  const auto second = say("why?", thread, person);
  read(second);
  CHECK(store::Quotations(db).of(second).empty());
  CHECK(service.failures == 0);  // it was asked three times, and the message is answered without it
  const auto third = say("and now?", thread, person);
  read(third);
  CHECK(store::Quotations(db).of(third).size() == 1);
  const auto asked = service.asked;
  read(say("and then?", thread, person));
  CHECK(service.asked == asked);
}

TEST_CASE_FIXTURE(Fixture, "a thread in which nothing was said before is asked for once") {
  service.is_empty = true;
  read(say("why?", thread, person));
  read(say("and now?", thread, person));
  CHECK(service.asked == "C1/root before m-1\n");
}

TEST_CASE_FIXTURE(Fixture,
                  "no thread is read where the bot's own message began it, or for what needs no model") {
  read(say("/status", thread, person));
  CHECK(service.asked.empty());
  const auto own = store::Conversations(db).open("web", "C1/m-2", clock.now(), "C1");
  auto message = store::Conversations(db).message(say("hello", own, person));
  bot::messages::read_surroundings(db, &service, own, message, {});
  CHECK(service.asked.empty());
  message = store::Conversations(db).message(say("hello", conversation, person));
  bot::messages::read_surroundings(db, &service, conversation, message, {});
  bot::messages::read_surroundings(db, nullptr, conversation, message, {});
  CHECK(service.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "what came along with the message stands behind what was said before") {
  const auto id = say("why?", thread, person);
  store::Quotations(db).replace(id, {{QuotationKind::shared, WordsOf::others, "Eve", "a card of #1"}});
  read(id);
  const auto kept = store::Quotations(db).of(id);
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].kind == QuotationKind::thread);
  CHECK(kept[1].text == "a card of Boris");
}

TEST_CASE_FIXTURE(Fixture, "what the person changed meanwhile is left as they wrote it") {
  const auto id = say("why, #1?", thread, person);
  auto message = store::Conversations(db).message(id);
  store::Conversations(db).replace_text(id, "how, #1?", clock.now());
  bot::messages::read_surroundings(db, &service, thread, message, {});
  CHECK(store::Conversations(db).message(id).text == "how, #1?");
  CHECK(message.text == "why, #1?");
}

// What is asked of a service before a message is answered.
#include <doctest/doctest.h>

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
                                       std::stop_token) override {
    asked += chat + " before " + message + "\n";
    return {{QuotationKind::thread, WordsOf::others, "#1", "It is red, #1."}};
  }
  std::string with_names(const std::string& text, std::stop_token) override {
    auto named = text;
    if (const auto at = named.find("#1"); at != std::string::npos) {
      named.replace(at, 2, "Boris");
    }
    return named;
  }
  std::string asked;
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

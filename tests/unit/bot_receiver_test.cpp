// The one way in, for what a webhook brings and for what is pulled.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "bot/messages/receiver.h"
#include "store/cursors.h"
#include "tests/support/services_fixture.h"

namespace {

using bot::chat::IncomingMessage;
using Mode = bot::runtime::Access::Mode;

/// Pulls its messages when the test says so, and notes what it is told of them.
class Pulling final : public bot::chat::Platform,
                      public bot::chat::Listens,
                      public bot::chat::AcknowledgesIncoming {
 public:
  std::string deliver(const store::OutgoingCall&, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    return {};
  }
  void start(bot::chat::Receiver& receiver) override { receiver_ = &receiver; }
  void stop() override { receiver_ = nullptr; }
  void on_stored(const IncomingMessage& incoming) override { stored.push_back(incoming.external_id); }
  void on_refused(const IncomingMessage& incoming) override { refused.push_back(incoming.external_id); }

  void pull(const IncomingMessage& incoming) { receiver_->take(incoming); }

  std::vector<std::string> stored;
  std::vector<std::string> refused;

 private:
  bot::chat::Receiver* receiver_ = nullptr;
};

/// It can nothing but deliver.
class Plain final : public bot::chat::Platform {
 public:
  std::string deliver(const store::OutgoingCall&, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    return {};
  }
};

struct Fixture : support::ServicesFixture {
  bot::messages::Intake intake{services, commits};
  Pulling platform;
  bot::messages::SectionReceiver receiver{intake, "tg", platform};
  store::Conversations conversations{db};
  store::Cursors cursors{db};

  static IncomingMessage message(const std::string& id) {
    return {id, "c-9", "u-9", "Eve", "Hello " + id, std::nullopt};
  }
  int messages() { return db.handle().execAndGet("SELECT count(*) FROM messages").getInt(); }
};

TEST_CASE_FIXTURE(Fixture, "what is pulled is stored and acknowledged like what a webhook brings") {
  allow("tg", Mode::open);
  platform.start(receiver);
  platform.pull(message("1"));
  platform.pull(message("1"));
  CHECK(conversations.stored_as("tg", "1").value != 0);
  CHECK(messages() == 1);
  // The service waits for a sign also where it says the same once more.
  CHECK(platform.stored == std::vector<std::string>{"1", "1"});
  CHECK(platform.refused.empty());
}

TEST_CASE_FIXTURE(Fixture, "whoever was refused lately is told so by the platform, also where it is pulled") {
  allow("tg", Mode::allowlist, {"u-1"});
  platform.start(receiver);
  platform.pull(message("1"));  // answered by a message of the bot
  CHECK(platform.refused.empty());
  platform.pull(message("2"));
  CHECK(platform.refused == std::vector<std::string>{"2"});
  CHECK(platform.stored == std::vector<std::string>{"1", "2"});
}

TEST_CASE_FIXTURE(Fixture, "a platform that wants to know nothing of its messages is told nothing") {
  allow("tg", Mode::open);
  Plain plain;
  bot::messages::SectionReceiver(intake, "tg", plain).take(message("1"));
  CHECK(messages() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a cursor is there with its message, whatever became of the message") {
  allow("tg", Mode::allowlist, {"u-9"});
  const auto take = [&](IncomingMessage incoming, const std::string& value) {
    incoming.cursor = bot::chat::Cursor{"since", value};
    receiver.take(incoming);
    CHECK(cursors.find("tg", "since") == value);
    CHECK(receiver.cursor("since") == value);
  };
  CHECK_FALSE(receiver.cursor("since"));
  take(message("1"), "100");
  take(message("1"), "110");  // a repeat
  auto of_others = message("2");
  of_others.chat_id = "c-9/t-1";
  of_others.addressed = IncomingMessage::Addressed::in_own_conversation;
  take(of_others, "120");
  CHECK_FALSE(conversations.knows_id("tg", "2"));
  auto stranger = message("3");
  stranger.user_id = "u-1";
  take(stranger, "130");
  auto gone = message("4");
  gone.kind = IncomingMessage::Kind::deleted;
  take(gone, "140");
  receiver.take(message("5"));
  CHECK(receiver.cursor("since") == "140");
  receiver.advance({"since", "150"});
  CHECK(receiver.cursor("since") == "150");
  CHECK_FALSE(receiver.cursor("sequence"));
}

TEST_CASE_FIXTURE(Fixture, "a message that could not be stored leaves the cursor where it was") {
  auto incoming = message("1");
  incoming.cursor = bot::chat::Cursor{"since", "100"};
  // Nobody wrote down who may write in that section.
  CHECK_THROWS(receiver.take(incoming));
  CHECK_FALSE(receiver.cursor("since"));
  CHECK(platform.stored.empty());
  allow("tg", Mode::open);
  receiver.take(incoming);
  CHECK(receiver.cursor("since") == "100");
  CHECK(messages() == 1);
}

TEST_CASE_FIXTURE(Fixture, "the chats that were used since then are told, the last one at the end") {
  allow("tg", Mode::open);
  const auto begun = clock.now();
  const auto write = [&](const std::string& id, const std::string& chat) {
    auto incoming = message(id);
    incoming.chat_id = chat;
    clock.advance(std::chrono::minutes(1));
    receiver.take(incoming);
  };
  write("1", "c-1");
  write("2", "c-2");
  write("3", "c-1");
  const auto used = receiver.chats_used_since(begun);
  REQUIRE(used.size() == 2);
  CHECK(used[0].chat_id == "c-2");
  CHECK(used[1].chat_id == "c-1");
  CHECK(used[1].last == clock.now());
  CHECK(receiver.chats_used_since(clock.now()).size() == 1);
}

}  // namespace

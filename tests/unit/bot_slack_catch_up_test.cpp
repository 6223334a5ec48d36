// What was written on Slack while the program was away.
#include <atomic>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/messages/receiver.h"
#include "bot/platforms/slack/catch_up.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/slack_fixture.h"
#include "tests/support/wait.h"

namespace {

using bot::chat::IncomingMessage;
using nlohmann::json;
using support::SlackService;
using Fixture = support::SlackFixture;

/// Stores what it gets, and counts it.
struct Counting final : bot::chat::Receiver {
  Counting(bot::messages::Intake& intake, bot::chat::Platform& platform) : real(intake, "svc", platform) {}
  void take(const IncomingMessage& incoming) override {
    real.take(incoming);
    ++taken;
  }
  void advance(const bot::chat::Cursor& cursor) override { real.advance(cursor); }
  std::optional<std::string> cursor(const std::string& name) override { return real.cursor(name); }
  std::vector<store::Conversations::Use> chats_used_since(base::Timestamp since) override {
    return real.chats_used_since(since);
  }

  bot::messages::SectionReceiver real;
  std::atomic<int> taken = 0;
};

/// Everything that catching up brought, as Slack's events would have brought it.
struct CatchUpFixture : Fixture {
  bot::messages::Intake intake{services, commits};
  CatchUpFixture() { allow("svc", bot::runtime::Access::Mode::open); }

  void catch_up(std::vector<std::string> chats, base::Timestamp since) {
    const bot::slack::WebApi api(slack.url() + "/api", SlackService::kToken);
    Counting receiver{intake, *platform};
    std::vector<store::Conversations::Use> used;
    if (since != base::Timestamp()) {
      for (auto& chat : chats) {
        used.push_back({std::move(chat), since});
      }
    }
    bot::slack::catch_up(api, receiver, used, clock.now(), {});
    found = receiver.taken;
  }
  bot::messages::Intake::Taken tell(const json& event, const std::string& id) {
    const auto received = support::receive(*platform, slack.event(event, id), clock.now());
    return received.incoming.empty() ? bot::messages::Intake::Taken{.ignored = true}
                                     : intake.take("svc", received.incoming[0]);
  }
  std::vector<std::string> texts(const std::string& chat) {
    std::vector<std::string> found_texts;
    if (const auto c = store::Conversations(db).find("svc", chat)) {
      for (const auto& message : store::Conversations(db).history(c->id, std::nullopt, 100)) {
        found_texts.push_back(message.text);
      }
    }
    return found_texts;
  }
  int found = 0;
};

TEST_CASE_FIXTURE(CatchUpFixture, "what was missed is taken once, whether the event comes before or after") {
  const auto before = slack.write("D1", "U1", "told before");
  tell(before, "Ev1");
  const auto missed = slack.write("D1", "U1", "missed");
  const auto mention = slack.write("C1", "U1", "<@U0BOT> hello");
  catch_up({"D1", "C1"}, clock.now());
  CHECK(texts("D1") == std::vector<std::string>{"told before", "missed"});
  CHECK(texts("C1/" + mention.at("ts").get<std::string>()) == std::vector<std::string>{"hello"});
  // Slack tries the events again although the history told of them.
  CHECK(tell(missed, "Ev2").repeated);
  auto as_mention = mention;
  as_mention["type"] = "app_mention";
  CHECK(tell(as_mention, "Ev3").repeated);
  CHECK(tell(mention, "Ev4").repeated);
  catch_up({"D1", "C1"}, clock.now());
  CHECK(texts("D1").size() == 2);
}

TEST_CASE_FIXTURE(CatchUpFixture, "catching up takes what people said to the bot, and nothing else") {
  const auto mention = slack.write("C1", "U1", "<@U0BOT> hello");
  const auto thread = mention.at("ts").get<std::string>();
  tell(mention, "Ev1");
  slack.write("C1", "U2", "go on", {{"thread_ts", thread}});
  slack.write("C1", "U0BOT", "I went on", {{"thread_ts", thread}, {"bot_id", "B1"}});
  slack.write("C1", "U2", "something else");
  slack.write("C1", "U2", "in a foreign thread", {{"thread_ts", "1.000001"}});
  slack.write("D1", "U0BOT", "mine", {{"bot_id", "B1"}});
  slack.write("D1", "U1", "joined", {{"subtype", "channel_join"}});
  for (int i = 0; i < 230; ++i) {
    slack.write("D1", "U1", "number " + std::to_string(i));
  }
  catch_up({"D1", "C1/" + thread}, clock.now());
  CHECK(texts("C1/" + thread) == std::vector<std::string>{"hello", "go on"});
  CHECK(store::Conversations(db).find("svc", "C1/1.000001") == std::nullopt);
  CHECK(texts("D1").back() == "number 229");
  CHECK(found == 232);  // the mention once more, the reply, and the 230
}

TEST_CASE_FIXTURE(CatchUpFixture,
                  "what was said in a thread before it was the bot's is none of its business") {
  const auto root = slack.write("C1", "U1", "shall we?").at("ts").get<std::string>();
  slack.write("C1", "U2", "among us", {{"thread_ts", root}});
  tell(slack.write("C1", "U2", "<@U0BOT> help us", {{"thread_ts", root}}), "Ev1");
  slack.write("C1", "U1", "missed", {{"thread_ts", root}});
  catch_up({"C1/" + root}, clock.now());
  CHECK(texts("C1/" + root) == std::vector<std::string>{"help us", "missed"});
}

TEST_CASE_FIXTURE(CatchUpFixture,
                  "catching up goes back seven days at most, and not at all on a first start") {
  slack.write("D1", "U1", "old", {{"ts", "1000000000.000001"}});
  slack.write("D1", "U1", "new");
  catch_up({"D1"}, base::Timestamp());
  CHECK(slack.calls().empty());
  catch_up({"D1"}, base::from_unix_ms(1'000));
  CHECK(texts("D1") == std::vector<std::string>{"new"});
  CHECK(calls("conversations.history").at(0).at("oldest") ==
        std::to_string(base::to_unix_ms(clock.now()) / 1000 - 7 * 24 * 3600) + ".000000");
}

TEST_CASE_FIXTURE(CatchUpFixture, "a channel that cannot be read does not keep the others from being read") {
  slack.take_bot_out_of("C1");
  slack.write("D1", "U1", "missed");
  slack.behave(
      {.times = 1, .status = 429, .retry_after = "1", .applies = [](const support::ServiceCall& made) {
         return made.request.path == "/api/conversations.history";
       }});
  catch_up({"C1", "D1"}, clock.now());
  CHECK(texts("D1") == std::vector<std::string>{"missed"});
}

TEST_CASE_FIXTURE(CatchUpFixture, "catching up runs by itself and ends when it is told to") {
  // The chat is one that was used.
  tell(slack.write("D1", "U1", "told before"), "Ev1");
  slack.write("D1", "U1", "missed");
  Counting receiver{intake, *platform};
  auto& listener = support::as<bot::chat::Listens>(*platform);
  listener.start(receiver);
  CHECK(support::wait_until([&] { return receiver.taken == 2; }));
  listener.stop();
  listener.stop();
  CHECK(texts("D1") == std::vector<std::string>{"told before", "missed"});
  slack.behave(
      {.times = 100, .status = 429, .retry_after = "600", .applies = [](const auto&) { return true; }});
  listener.start(receiver);
  CHECK(slack.wait_until([&] { return slack.calls().back().answered == 429; }));
  listener.stop();
  CHECK(receiver.taken == 2);
}

}  // namespace

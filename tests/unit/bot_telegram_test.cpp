#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bot/platforms/telegram/api.h"
#include "bot/platforms/telegram/platform.h"
#include "bot/platforms/telegram/updates.h"
#include "config/config_file.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/loopback_server.h"
#include "tests/support/store_fixture.h"

using bot::chat::IncomingMessage;
using bot::telegram::Self;
using nlohmann::json;

namespace {

const Self kSelf{"4711", "4711", "frontdesk_bot"};

json person(std::int64_t id = 1001) {
  return {{"id", id}, {"is_bot", false}, {"first_name", "Ann"}, {"last_name", "Lee"}, {"username", "ann"}};
}
json private_message(const std::string& text) {
  return {{"message_id", 7},
          {"from", person()},
          {"chat", {{"id", 1001}, {"type", "private"}}},
          {"date", 1'700'000'000},
          {"text", text}};
}
json group_message(const std::string& text, const std::vector<json>& entities = {}) {
  auto m = private_message(text);
  m["chat"] = {{"id", -100'123}, {"type", "supergroup"}, {"title", "Team"}};
  m["entities"] = entities;
  return m;
}
json mention(int offset, int length, const char* type = "mention") {
  return {{"type", type}, {"offset", offset}, {"length", length}};
}
std::optional<IncomingMessage> read(const json& message, const char* kind = "message",
                                    const Self& self = kSelf) {
  return bot::telegram::read_update({{"update_id", 55}, {kind, message}}, self);
}

/// Whether the bot hears it at most as the rest of a text that the client cut.
bool is_for_others(const json& message, const Self& self = kSelf) {
  const auto m = read(message, "message", self);
  return !m || m->addressed == IncomingMessage::Addressed::as_rest;
}

}  // namespace

TEST_CASE("a private message is read") {
  const auto m = read(private_message("  Hello\r\nyou \x01"));
  REQUIRE(m);
  CHECK(m->external_id == "4711:55");
  CHECK(m->message_id == "7");
  CHECK(m->chat_id == "1001");
  CHECK(m->user_id == "1001");
  CHECK(m->user_name == "Ann Lee");
  CHECK(m->text == "Hello\nyou ");
  CHECK(m->place == IncomingMessage::Place::direct);
  CHECK(m->kind == IncomingMessage::Kind::message);
  CHECK_FALSE(m->button);
}

TEST_CASE("in a group only what is meant for the bot counts") {
  CHECK(is_for_others(group_message("just talking")));
  CHECK(is_for_others(group_message("mail me at x@frontdesk_bot.org")));
  CHECK(is_for_others(group_message("@other_bot hello", {mention(0, 10)})));
  CHECK_FALSE(read(group_message("/status@other_bot", {mention(0, 17, "bot_command")})));
  CHECK(is_for_others(group_message("/etc/hosts", {mention(0, 4, "bot_command")})));

  const auto m = read(group_message("@Frontdesk_Bot, what time is it?", {mention(0, 14)}));
  REQUIRE(m);
  CHECK(m->text == "what time is it?");
  CHECK(m->chat_id == "-100123");
  CHECK(m->place == IncomingMessage::Place::group);
  // Offsets count UTF-16 units; the face in front takes two.
  CHECK(read(group_message("😀 hey @frontdesk_bot", {mention(7, 14)})));
  CHECK(read(group_message("/status@frontdesk_bot", {mention(0, 21, "bot_command")})));
  CHECK(read(group_message("/status", {mention(0, 7, "bot_command")})));
  auto by_id = mention(0, 4, "text_mention");
  by_id["user"] = {{"id", 4711}};
  CHECK(read(group_message("desk hello", {by_id})));
  auto reply = group_message("and then?");
  reply["reply_to_message"] = {{"message_id", 3}, {"from", {{"id", 4711}, {"is_bot", true}}}};
  CHECK(read(reply)->text == "and then?");
  CHECK(read(reply)->reply_to == "3");
  CHECK(m->reply_to.empty());
  SUBCASE("in a topic each message replies to the one that opened it") {
    reply["reply_to_message"]["forum_topic_created"] = {{"name", "Plans"}};
    CHECK(read(reply)->reply_to.empty());
  }
  SUBCASE("what stands elsewhere has no id of this chat") {
    reply.erase("reply_to_message");
    reply["chat"]["type"] = "private";
    for (const char* kind : {"external_reply", "reply_to_story"}) {
      auto to = reply;
      to[kind] = {{"message_id", 3}, {"chat", {{"id", 5}}}};
      CHECK(read(to)->reply_to == "elsewhere");
    }
  }
}

TEST_CASE("until the bot knows its name, every bot's name may be its own") {
  CHECK(read(group_message("@some_bot hi", {mention(0, 9)}), "message", {"4711", "4711", ""}));
  CHECK(is_for_others(group_message("@somebody hi", {mention(0, 9)}), {"4711", "4711", ""}));
}

TEST_CASE("a topic of a forum is a chat of its own") {
  auto m = group_message("@frontdesk_bot hi", {mention(0, 14)});
  m["message_thread_id"] = 45;
  CHECK(read(m)->chat_id == "-100123");  // a mere thread of replies
  m["is_topic_message"] = true;
  CHECK(read(m)->chat_id == "-100123/45");
  m["message_thread_id"] = "none";
  CHECK(read(m)->chat_id == "-100123");
  const auto chat = bot::telegram::chat_of("-100123/45");
  CHECK(chat.chat == -100'123);
  CHECK(chat.topic == 45);
  CHECK_FALSE(bot::telegram::chat_of("-100123").topic);
}

TEST_CASE("bots, channels and events without words are left alone") {
  auto bot_message = private_message("hi");
  bot_message["from"]["is_bot"] = true;
  CHECK_FALSE(read(bot_message));
  auto channel = private_message("hi");
  channel["sender_chat"] = {{"id", -5}};
  CHECK_FALSE(read(channel));
  CHECK_FALSE(read(private_message("hi"), "channel_post"));
  CHECK_FALSE(read(private_message("hi"), "something_new"));
  auto joined = private_message("");
  joined.erase("text");
  joined["new_chat_members"] = json::array({person()});
  CHECK_FALSE(read(joined));
}

TEST_CASE("messages without text are told in words, or are files") {
  auto m = private_message("");
  m.erase("text");
  m["sticker"] = {{"file_id", "s"}, {"emoji", "👍"}};
  CHECK(read(m)->text == "[sticker 👍]");
  m.erase("sticker");
  m["document"] = {
      {"file_id", "d-1"}, {"file_name", "plan.pdf"}, {"mime_type", "application/pdf"}, {"file_size", 1234}};
  m["caption"] = "look at this";
  const auto with_file = read(m);
  REQUIRE(with_file);
  CHECK(with_file->text == "look at this");
  REQUIRE(with_file->attachments.size() == 1);
  CHECK(with_file->attachments[0].handle == "d-1");
  CHECK(with_file->attachments[0].name == "plan.pdf");
  CHECK(with_file->attachments[0].media_type == "application/pdf");
  CHECK(with_file->attachments[0].size == 1234);
  m.erase("document");
  m.erase("caption");
  m["photo"] = {{{"file_id", "small"}, {"file_size", 10}}, {{"file_id", "large"}, {"file_size", 99}}};
  REQUIRE(read(m)->attachments.size() == 1);
  CHECK(read(m)->attachments[0].handle == "large");
  CHECK(read(m)->attachments[0].name == "photo-7.jpg");
}

TEST_CASE("in a group a message of an album may be meant for the bot because of another one") {
  auto m = group_message("");
  m.erase("text");
  m["photo"] = {{{"file_id", "p-1"}}};
  CHECK_FALSE(read(m));
  m["media_group_id"] = "a-1";
  REQUIRE(read(m));
  CHECK(read(m)->album == "a-1");
  CHECK(read(m)->addressed == IncomingMessage::Addressed::in_album);
  CHECK_FALSE(read(m, "edited_message"));
  m["caption"] = "/cancel@other_bot";
  CHECK_FALSE(read(m));
  m["caption"] = "@frontdesk_bot look";
  m["caption_entities"] = json::array({mention(0, 14)});
  CHECK(read(m)->addressed == IncomingMessage::Addressed::always);
  CHECK(read(m, "edited_message")->album.empty());
}

TEST_CASE("a name hides nothing, and one that nobody sees gives way to the user name") {
  auto m = private_message("hi");
  m["from"]["first_name"] = "A\u202Enn\n";
  CHECK(read(m)->user_name == "Ann Lee");
  m["from"]["first_name"] = "\u3164";
  m["from"].erase("last_name");
  CHECK(read(m)->user_name == "ann");
}

TEST_CASE("/start greets with the help") {
  CHECK(read(private_message("/start"))->text == "/help");
  CHECK(read(private_message("/start deep-link"))->text == "/help");
}

TEST_CASE("an edit names the message it changes") {
  const auto m = read(private_message("what I meant"), "edited_message");
  REQUIRE(m);
  CHECK(m->kind == IncomingMessage::Kind::edit);
  CHECK(m->message_id == "7");
  CHECK(m->text == "what I meant");
}

TEST_CASE("a click is read, also below a message that is too old to be shown") {
  json query = {{"id", "q-1"},
                {"from", person()},
                {"message", {{"message_id", 9}, {"date", 0}, {"chat", {{"id", 1001}, {"type", "private"}}}}},
                {"data", "b0123456789abcdef01234567"}};
  const auto click = read(query, "callback_query");
  REQUIRE(click);
  CHECK(click->button == "b0123456789abcdef01234567");
  CHECK(click->ticket == "q-1");
  CHECK(click->chat_id == "1001");
  query.erase("message");
  query["inline_message_id"] = "x";
  CHECK_FALSE(read(query, "callback_query"));
}

TEST_CASE("a click of which nothing can come is answered with a sentence, and no other update is") {
  const auto answer = [](const json& message, const char* kind = "callback_query") {
    return bot::telegram::answer_to_lost_click({{"update_id", 55}, {kind, message}}, kSelf);
  };
  json query = {{"id", "q-1"}, {"from", person()}, {"data", "b0123456789abcdef01234567"}};
  for (const auto& message : {json(), json{{"message_id", 9}, {"date", 0}}}) {
    query["message"] = message;
    const auto made = answer(query);
    REQUIRE(made);
    CHECK((*made)["callback_query_id"] == "q-1");
    CHECK((*made)["text"].get<std::string>().find("too old") != std::string::npos);
  }
  query["message"] = {{"message_id", 9}, {"date", 0}, {"chat", {{"id", 1001}, {"type", "private"}}}};
  CHECK_FALSE(answer(query));
  CHECK_FALSE(answer(private_message("hi"), "message"));
  CHECK_FALSE(answer(private_message("hi"), "channel_post"));
  for (const auto& odd : {json(), json(1), json::array(), json{{"id", 7}}}) {
    CHECK_FALSE(answer(odd));
  }
}

TEST_CASE("no update makes it stumble") {
  const std::vector<json> wrong = {
      nullptr, true, -1, 1e300, "text", json::array(), json::object(), json::array({json::array()})};
  const std::vector<std::string> members = {"from",
                                            "chat",
                                            "text",
                                            "entities",
                                            "message_id",
                                            "photo",
                                            "document",
                                            "reply_to_message",
                                            "message_thread_id",
                                            "sticker",
                                            "caption_entities",
                                            "sender_chat",
                                            "location",
                                            "venue",
                                            "checklist",
                                            "poll",
                                            "forward_origin",
                                            "forward_sender_name",
                                            "quote",
                                            "external_reply",
                                            "via_bot",
                                            "reply_to_story",
                                            "story"};
  for (const auto& member : members) {
    for (const auto& value : wrong) {
      for (auto m : {private_message("hi"), group_message("@frontdesk_bot hi", {mention(0, 14)})}) {
        m[member] = value;
        CHECK_NOTHROW(read(m));
        CHECK_NOTHROW(read(m, "edited_message"));
        CHECK_NOTHROW(
            read({{"id", "q"}, {"from", m["from"]}, {"message", m}, {"data", value}}, "callback_query"));
      }
    }
  }
  for (const std::int64_t offset : {std::int64_t{-5}, std::int64_t{1} << 62}) {
    auto entity = mention(0, 3);
    entity["offset"] = entity["length"] = offset;
    CHECK(is_for_others(group_message("@frontdesk_bot", {entity})));
  }
}

namespace {

struct Fixture : support::StoreFixture {
  std::unique_ptr<bot::chat::Platform> make(const std::string& keys, const std::string& public_url = {}) {
    folder.write("token", "4711:AAF");
    folder.write("secret", "the_secret-1");
    return bot::telegram::platform_type().make(
        config::parse_config("token = \"file:token\"\n" + keys, "frontdesk.toml", folder.path()),
        {"tg", public_url, clock});
  }
  int status_of(const bot::chat::Platform& platform, const std::string& secret, const std::string& body) {
    base::HttpRequest request;
    request.method = "POST";
    request.headers.add("x-telegram-bot-api-secret-token", secret);
    request.body = body;
    try {
      taken = support::receive(platform, request, clock.now()).incoming.size();
      return 200;
    } catch (const bot::chat::Refused& e) {
      return e.status;
    }
  }
  std::size_t taken = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the webhook wants the secret, whole") {
  const auto platform = make("secret = \"file:secret\"\n", "https://bot.example.org");
  const auto body = json{{"update_id", 1}, {"message", private_message("hi")}}.dump();
  CHECK(status_of(*platform, "the_secret-1", body) == 200);
  CHECK(taken == 1);
  for (const char* wrong : {"", "the_secret-", "the_secret-1 ", "the_secret-11", "THE_SECRET-1", "x"}) {
    CHECK(status_of(*platform, wrong, body) == 401);
  }
  CHECK(status_of(*platform, "the_secret-1", "not json") == 400);
  CHECK(status_of(*platform, "the_secret-1", "{}") == 400);
  CHECK(status_of(*platform, "the_secret-1", R"({"update_id":2,"new_thing":{}})") == 200);
  CHECK(taken == 0);
}

TEST_CASE_FIXTURE(Fixture, "while the webhook's secret is being changed, both are good") {
  folder.write("fresh", "fresh");
  const auto platform = make("secrets = [\"file:fresh\", \"file:secret\"]\n", "https://bot.example.org");
  CHECK(status_of(*platform, "the_secret-1", R"({"update_id":1})") == 200);
  CHECK(status_of(*platform, "fresh", R"({"update_id":1})") == 200);
  CHECK(status_of(*platform, "other", R"({"update_id":1})") == 401);
}

TEST_CASE_FIXTURE(Fixture, "without a secret nobody may call in, and a webhook must have one") {
  const auto platform = make("");
  CHECK(status_of(*platform, "", "{}") == 404);
  CHECK_THROWS_WITH_AS(make("transport = \"webhook\"\n"), doctest::Contains("secret"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make("", "https://bot.example.org"), doctest::Contains("secret"), base::ConfigError);
  folder.write("empty", "\n");
  CHECK_THROWS_AS(make("secret = \"file:empty\"\n"), base::ConfigError);
  folder.write("odd", "has a space");
  CHECK_THROWS_WITH_AS(make("secret = \"file:odd\"\n"), doctest::Contains("A-Z"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make("transport = \"pigeon\"\n"), doctest::Contains("polling"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make("tokn = \"x\"\n"), doctest::Contains("token"), base::ConfigError);
}

TEST_CASE_FIXTURE(Fixture, "where its topic is gone, a message is sent without it") {
  for (const char* problem : {"Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED"}) {
    const support::LoopbackServer server([&](const base::HttpRequest& request) -> base::HttpResponse {
      if (json::parse(request.body).contains("message_thread_id")) {
        return {400,
                json{{"ok", false}, {"error_code", 400}, {"description", problem}}.dump(),
                "application/json",
                {},
                {}};
      }
      return base::HttpResponse::json(json{{"ok", true}, {"result", {{"message_id", 9}}}}.dump());
    });
    const auto platform = make("api_base_url = \"" + server.url() + "/\"\n");
    store::MessageParts parts{db};
    CHECK(platform->deliver(outgoing("Hello", "-100123/45"), parts, clock.now(), {}) == "9");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].path.ends_with("/sendMessage"));
    CHECK(requests[1].path.ends_with("/sendMessage"));
    CHECK(json::parse(requests[2].body)["text"] == "Hello");
  }
}

TEST_CASE("in no second there are thirty messages and edits, whoever is written to") {
  using namespace std::chrono_literals;
  // Each thread sends a placeholder to another chat as soon as it may, and fills it a little later.
  constexpr int kThreads = 4;
  constexpr auto kBetween = 30ms;
  support::FakeClock clock;
  bot::shared::RateLimiter rate_limiter(bot::telegram::rate_limit_of("-"), bot::telegram::kOverallRateLimit);
  std::vector<std::chrono::milliseconds> calls;
  std::vector<std::optional<std::chrono::milliseconds>> fills(kThreads);
  int chats = 0;
  for (auto at = 0ms; at < 5s; at += 1ms, clock.advance(1ms)) {
    for (auto& fill : fills) {
      const auto chat = std::to_string(++chats);
      const auto pace = bot::telegram::rate_limit_of(chat);
      if (fill == at) {
        rate_limiter.spend(chat, clock.now(), pace);
        calls.push_back(at);
        fill = std::nullopt;
      } else if (!fill && rate_limiter.ready_at(chat, clock.now(), pace) <= clock.now()) {
        rate_limiter.take(chat, clock.now(), pace);
        calls.push_back(at);
        fill = at + kBetween;
      }
    }
  }
  std::ptrdiff_t most = 0;
  for (auto it = calls.begin(); it != calls.end(); ++it) {
    most = std::max(most, std::lower_bound(it, calls.end(), *it + 1s) - it);
  }
  CHECK(most < 29);
  CHECK(calls.size() > 100);  // and no slower than need be
}

TEST_CASE("an error of the Bot API is what it means for us, and never holds the token") {
  struct Case {
    int status;
    std::string body;
    std::string kind;
  };
  for (const auto& c : std::vector<Case>{
           {400, R"({"ok":false,"error_code":400,"description":"Bad Request: chat not found"})", "refusal"},
           {400, R"({"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-100555}})",
            "moved to -100555"},
           {403, R"({"ok":false,"error_code":403,"description":"bot was blocked by the user"})", "refusal"},
           {429, R"({"ok":false,"error_code":429,"parameters":{"retry_after":7}})", "not sent"},
           {429, "slow down", "not sent"},
           {401, R"({"ok":false,"error_code":401,"description":"Unauthorized"})", "not sent"},
           {502, "<html>", "unknown"},
           {200, "<html>", "unknown"},
           {200, R"({"ok":false})", "unknown"}}) {
    CAPTURE(c.status);
    CAPTURE(c.body);
    const support::LoopbackServer server({c.status, c.body, "application/json", {}, {}});
    const bot::telegram::Api api(server.url(), "4711:the-token");
    std::string kind = "none", what;
    try {
      api.call("sendMessage", json::object(), {});
    } catch (const bot::telegram::Refusal& e) {
      kind = "refusal";
      what = e.what();
    } catch (const bot::chat::Moved& e) {
      kind = "moved to " + e.to;
      what = e.what();
    } catch (const bot::chat::NotSent& e) {
      kind = "not sent";
      what = e.what();
      CHECK(e.retry_after.value_or(std::chrono::seconds(0)) >= std::chrono::seconds(1));
    } catch (const base::TransientError& e) {
      kind = "unknown";
      what = e.what();
    }
    CHECK(kind == c.kind);
    CHECK(what.find("the-token") == std::string::npos);
  }
}

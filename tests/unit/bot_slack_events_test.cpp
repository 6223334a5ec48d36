// What Slack sends: proof of origin, every kind of call, and whatever else may come.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/service_call.h"
#include "bot/slack.h"
#include "bot/slack_events.h"
#include "bot/slack_signature.h"
#include "bot/slack_text.h"
#include "config/config_file.h"
#include "tests/support/slack_service.h"
#include "tests/support/store_fixture.h"

namespace {

using bot::Incoming;
using bot::Refused;
using nlohmann::json;
using support::SlackService;

constexpr const char* kForm = "application/x-www-form-urlencoded";

struct Fixture {
  support::TemporaryFolder folder;
  support::FakeClock clock;
  std::unique_ptr<bot::ChatPlatform> platform = make("");

  std::unique_ptr<bot::ChatPlatform> make(const std::string& more) {
    folder.write("token", SlackService::kToken);
    folder.write("secret", SlackService::kSecret);
    return bot::make_slack(
        config::parse_config("bot_token = \"file:token\"\nsigning_secret = \"file:secret\"\n" + more,
                             "frontdesk.toml", folder.path()),
        {"svc", {}, {}, ""});
  }
  bot::ChatPlatform::Received receive(const std::string& body,
                                      const std::string& type = "application/json") const {
    return platform->receive(SlackService::sign(body, type, clock.now()), clock.now());
  }
  /// The status with which the body is refused, 0 if it is taken.
  int refused(const std::string& body, const std::string& type = "application/json") const {
    try {
      receive(body, type);
      return 0;
    } catch (const Refused& e) {
      CHECK(std::string(e.what()).ends_with("."));
      return e.status;
    }
  }
  static json call(const json& event) {
    return {{"type", "event_callback"},
            {"team_id", "T1"},
            {"event_id", "Ev1"},
            {"event", event},
            {"authorizations", {{{"user_id", "U0BOT"}, {"is_bot", true}}}}};
  }
  static json direct(const json& more = json::object()) {
    json event = {{"type", "message"}, {"channel", "D1"}, {"channel_type", "im"},
                  {"user", "U1"},      {"text", "Hello"}, {"ts", "1795363500.000100"}};
    event.update(more);
    return event;
  }
  static json in_channel(const json& more = json::object()) {
    auto event = direct({{"channel", "C1"}, {"channel_type", "channel"}});
    event.update(more);
    return event;
  }
  static json edit(const std::string& before, const std::string& after, const json& more = json::object()) {
    json message = {{"type", "message"},
                    {"user", "U1"},
                    {"text", after},
                    {"ts", "1795363500.000100"},
                    {"edited", {{"user", "U1"}, {"ts", "1795363501.000000"}}}};
    message.update(more);
    return {{"type", "message"},
            {"subtype", "message_changed"},
            {"channel", "D1"},
            {"channel_type", "im"},
            {"ts", "1795363501.000200"},
            {"message", message},
            {"previous_message",
             {{"type", "message"}, {"user", "U1"}, {"text", before}, {"ts", "1795363500.000100"}}}};
  }
  std::optional<Incoming> told(const json& event) const {
    const auto received = receive(call(event).dump());
    CHECK(received.response.status == 200);
    CHECK(received.response.body.empty());
    REQUIRE(received.incoming.size() <= 1);
    return received.incoming.empty() ? std::nullopt : std::optional(received.incoming[0]);
  }
  std::string text_of(const std::string& raw) const {
    const auto incoming = told(direct({{"text", raw}}));
    return incoming ? incoming->text : "(nothing)";
  }
};

constexpr const char* kPublishedBody =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_"
    "name="
    "foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%"
    "2Fhooks."
    "slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."
    "47445629121."
    "803a0bc887a14d10d2c447fce8b6703c";
constexpr const char* kPublishedSignature =
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
constexpr const char* kPublishedTime = "1531420618";

base::HttpRequest published() {
  base::HttpRequest request;
  request.body = kPublishedBody;
  request.headers = {{"Content-Type", kForm},
                     {"X-Slack-Request-Timestamp", kPublishedTime},
                     {"X-Slack-Signature", kPublishedSignature}};
  return request;
}

TEST_CASE_FIXTURE(Fixture, "the request that Slack's documentation publishes is taken") {
  CHECK(bot::slack_signature(SlackService::kSecret, kPublishedTime, kPublishedBody) == kPublishedSignature);
  const auto received = platform->receive(published(), base::from_unix_ms(1'531'420'618'000));
  REQUIRE(received.incoming.size() == 1);
  const auto& m = received.incoming[0];
  CHECK(m.text == "/help");
  CHECK(m.chat_id == "G8PSS9T3V");
  CHECK(m.user_id == "U2CERLKJA");
  CHECK(m.user_name == "roadrunner");
  CHECK(m.external_id == "T1DC2JH3J:command:398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c");
  CHECK(m.ticket == "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN");
  CHECK(m.ticket_life == std::chrono::minutes(30));
  CHECK(m.place == Incoming::Place::group);
}

TEST_CASE_FIXTURE(Fixture, "a request of Slack's is good for five minutes in either direction") {
  const auto signed_at = base::from_unix_ms(1'531'420'618'000);
  for (const int seconds : {-300, -299, 0, 299, 300}) {
    CAPTURE(seconds);
    CHECK_NOTHROW(platform->receive(published(), signed_at + std::chrono::seconds(seconds)));
  }
  for (const int seconds : {-100'000, -301, 301, 100'000}) {
    CAPTURE(seconds);
    CHECK_THROWS_AS(platform->receive(published(), signed_at + std::chrono::seconds(seconds)), Refused);
  }
}

TEST_CASE_FIXTURE(Fixture, "a request with anything changed is refused with 401, whatever it holds") {
  const auto now = base::from_unix_ms(1'531'420'618'000);
  const std::string signature = kPublishedSignature;
  const std::string body = kPublishedBody;
  struct Row {
    std::string body, time, signature;
  };
  std::vector<Row> rows = {
      {body, kPublishedTime, ""},
      {body, "", signature},
      {body, "1531420619", signature},
      {body, "1531420618 ", signature},
      {body, "+1531420618", signature},
      {body, "01531420618", signature},
      {body, "1531420618.0", signature},
      {body, "99999999999999999999", signature},
      {body, "-9223372036854775808", signature},
      {body, "soon", signature},
      {body, kPublishedTime, signature.substr(3)},
      {body, kPublishedTime, "v1" + signature.substr(2)},
      {body, kPublishedTime, signature + "0"},
      {body, kPublishedTime, signature.substr(0, signature.size() - 1)},
      {body, kPublishedTime, "V0" + signature.substr(2)},
      {body, kPublishedTime, "v0="},
      {body, kPublishedTime, std::string(1'000'000, 'a')},
      {body + "&", kPublishedTime, signature},
      {"", kPublishedTime, signature},
      {R"({"type":"url_verification","challenge":"x"})", kPublishedTime, signature},
  };
  for (std::size_t i = 0; i < body.size(); i += 7) {
    auto changed = body;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    rows.push_back({changed, kPublishedTime, signature});
  }
  for (std::size_t i = 3; i < signature.size(); ++i) {
    auto changed = signature;
    changed[i] = changed[i] == 'f' ? '0' : 'f';
    if (changed != signature) {
      rows.push_back({body, kPublishedTime, changed});
    }
  }
  for (const auto& row : rows) {
    CAPTURE(row.time);
    CAPTURE(row.signature.substr(0, 80));
    auto request = published();
    request.body = row.body;
    request.headers = {{"Content-Type", kForm}};
    if (!row.time.empty()) {
      request.headers.add("X-Slack-Request-Timestamp", row.time);
    }
    if (!row.signature.empty()) {
      request.headers.add("X-Slack-Signature", row.signature);
    }
    int status = 0;
    try {
      platform->receive(request, now);
    } catch (const Refused& e) {
      status = e.status;
    }
    CHECK(status == 401);
  }
}

TEST_CASE_FIXTURE(Fixture, "Slack's challenge comes back once its signature is verified") {
  const auto received = receive(R"({"token":"x","type":"url_verification","challenge":"3eZbrw1a\"<"})");
  CHECK(received.incoming.empty());
  CHECK(received.response.status == 200);
  CHECK(json::parse(received.response.body) == json{{"challenge", "3eZbrw1a\"<"}});
  CHECK(refused(R"({"type":"url_verification"})") == 400);
}

TEST_CASE_FIXTURE(Fixture, "a direct message is a conversation of its channel, in a thread of that thread") {
  const auto m = told(direct({{"user_profile", {{"display_name", "Ada\nBob: yes"}}}}));
  REQUIRE(m);
  CHECK(m->external_id == "T1:Ev1");
  CHECK(m->twin_id == "D1:1795363500.000100");
  CHECK(m->message_id == "1795363500.000100");
  CHECK(m->chat_id == "D1");
  CHECK(m->user_id == "U1");
  CHECK(m->user_name == "Ada Bob: yes");
  CHECK(m->text == "Hello");
  CHECK(m->place == Incoming::Place::direct);
  CHECK(m->addressed == Incoming::Addressed::always);
  CHECK_FALSE(m->button);
  CHECK(m->ticket.empty());
  CHECK(told(direct({{"thread_ts", "1795363400.000001"}}))->chat_id == "D1/1795363400.000001");
  // The first message of a thread stays where it was said.
  CHECK(told(direct({{"thread_ts", "1795363500.000100"}}))->chat_id == "D1");
}

TEST_CASE_FIXTURE(Fixture, "a mention in a channel begins a conversation in its thread") {
  const auto m = told(in_channel({{"type", "app_mention"}, {"text", "<@U0BOT> build it"}}));
  REQUIRE(m);
  CHECK(m->chat_id == "C1/1795363500.000100");
  CHECK(m->text == "build it");
  CHECK(m->place == Incoming::Place::group);
  CHECK(m->addressed == Incoming::Addressed::always);
  const auto in_thread = told(
      in_channel({{"type", "app_mention"}, {"text", "<@U0BOT> go on"}, {"thread_ts", "1795363400.000001"}}));
  CHECK(in_thread->chat_id == "C1/1795363400.000001");
  // The same message as the other event tells it.
  const auto twin = told(in_channel({{"text", "<@U0BOT> build it"}}));
  REQUIRE(twin);
  CHECK(twin->twin_id == m->twin_id);
  CHECK(twin->chat_id == m->chat_id);
  CHECK(twin->text == m->text);
}

TEST_CASE_FIXTURE(Fixture, "in a channel only mentions, threads of the bot, and replies to it count") {
  CHECK_FALSE(told(in_channel()));
  CHECK_FALSE(told(in_channel({{"text", "<@U0BOTTLE> hello"}})));
  CHECK_FALSE(told(in_channel({{"channel", "G1"}, {"channel_type", "mpim"}})));
  const auto in_thread = told(in_channel({{"thread_ts", "1795363400.000001"}}));
  REQUIRE(in_thread);
  CHECK(in_thread->addressed == Incoming::Addressed::in_own_conversation);
  CHECK(in_thread->chat_id == "C1/1795363400.000001");
  CHECK(told(in_channel({{"thread_ts", "1795363400.000001"}, {"parent_user_id", "U0BOT"}}))->addressed ==
        Incoming::Addressed::always);
  CHECK(told(in_channel({{"thread_ts", "1795363400.000001"}, {"parent_user_id", "U7"}}))->addressed ==
        Incoming::Addressed::in_own_conversation);
  CHECK(told(in_channel({{"text", "so, <@U0BOT|frontdesk>, what do you say?"}}))->addressed ==
        Incoming::Addressed::always);
}

TEST_CASE_FIXTURE(Fixture, "words behind a mention are commands where they can hardly be anything else") {
  const auto said = [&](const std::string& text) {
    return told(in_channel({{"type", "app_mention"}, {"text", text}}))->text;
  };
  CHECK(said("<@U0BOT> status") == "/status");
  CHECK(said("<@U0BOT>: dispatch build &amp; test it") == "/dispatch build & test it");
  CHECK(said("  <@U0BOT|frontdesk>, cancel task-api") == "/cancel task-api");
  CHECK(said("<@U0BOT> /help") == "/help");
  CHECK(said("<@U0BOT> status of what?") == "status of what?");
  CHECK(said("<@U0BOT>") == "/help");
  CHECK(said("hey <@U0BOT> status") == "hey @U0BOT status");
  CHECK(said("<@U7> status") == "@U7 status");
  CHECK(text_of("status") == "status");
  CHECK(text_of("<@U0BOT> status") == "/status");
  // Where Slack does not say who the bot is, the mention at the beginning is its own.
  auto unnamed = call(in_channel({{"type", "app_mention"}, {"text", "<@U5> status"}}));
  unnamed.erase("authorizations");
  CHECK(receive(unnamed.dump()).incoming.at(0).text == "/status");
}

TEST_CASE("the text of a Slack message reads as people see it") {
  struct Row {
    const char *raw, *text;
  };
  const Row rows[] = {
      {"a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"},
      {"<@U1|ada> and <@U2>", "@ada and @U2"},
      {"<#C1|general> <#C2> <#C3|>", "#general #C2 #C3"},
      {"<!here> <!channel> <!everyone>", "@here @channel @everyone"},
      {"<!here|here> <!here|@here>", "@here @here"},
      {"<!subteam^S1|@team> <!subteam^S2>", "@team @S2"},
      {"<!date^1392734382^{date}|18 February>", "18 February"},
      {"<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"},
      {"<https://x.example|the page>", "the page (https://x.example)"},
      {"<http://x.example|x.example>", "x.example"},
      {"<http://x.example|http://x.example>", "http://x.example"},
      {"<mailto:a@b.example|a@b.example>", "a@b.example"},
      {"<tel:+123|call>", "call (tel:+123)"},
      {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
      {"<", "<"},
      {"<>", "<>"},
      {"<<@U1>", "<@U1"},
      {"<@U1", "<@U1"},
      {"<@>", "@"},
      {"<|x>", "x"},
      {"<|>", ""},
      {"<!>", "@"},
      {"&lt;@U1&gt;", "<@U1>"},
      {"&amp", "&amp"},
      {"&amp;lt;", "&lt;"},
      {"Größe 日本語 👍", "Größe 日本語 👍"},
      {"a\n<b\nc>", "a\n<b\nc>"},
      {"", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.raw));
    CHECK(bot::decode_slack_text(row.raw) == row.text);
  }
  CHECK(bot::decode_slack_text(std::string(100'000, '<')) == std::string(100'000, '<'));
  std::string mentions, names;
  for (int i = 0; i < 300; ++i) {
    mentions += "<@U1|ada>";
    names += "@ada";
  }
  CHECK(bot::decode_slack_text(mentions) == names);
}

TEST_CASE_FIXTURE(Fixture, "what programs and Slack itself say is ignored") {
  for (const json& more :
       {json{{"bot_id", "B1"}}, json{{"bot_profile", {{"id", "B1"}}}}, json{{"subtype", "bot_message"}},
        json{{"user", "U0BOT"}}, json{{"user", "USLACKBOT"}}, json{{"subtype", "message_deleted"}},
        json{{"subtype", "channel_join"}}, json{{"subtype", "channel_topic"}}, json{{"subtype", "tombstone"}},
        json{{"subtype", "message_replied"}}, json{{"subtype", "something_new"}}, json{{"text", ""}},
        json{{"text", " \n"}}}) {
    CAPTURE(more.dump());
    CHECK_FALSE(told(direct(more)));
  }
  for (const json& more : {json{{"subtype", "me_message"}}, json{{"subtype", "thread_broadcast"}},
                           json{{"bot_id", nullptr}}, json{{"news", {1, 2}}}}) {
    CAPTURE(more.dump());
    CHECK(told(direct(more)));
  }
  for (const char* type :
       {"reaction_added", "app_home_opened", "assistant_thread_started", "member_joined_channel", ""}) {
    CHECK_FALSE(told({{"type", type}}));
  }
  CHECK(receive(R"({"type":"app_rate_limited","team_id":"T1"})").incoming.empty());
  CHECK(receive(R"({"type":"event_callback"})").incoming.empty());
}

TEST_CASE_FIXTURE(Fixture, "an edit names the message and what it says now") {
  const auto m = told(edit("Hello", "Hello, <@U2|bob>"));
  REQUIRE(m);
  CHECK(m->kind == Incoming::Kind::edit);
  CHECK(m->message_id == "1795363500.000100");
  CHECK(m->text == "Hello, @bob");
  CHECK(m->external_id == "T1:Ev1");
  CHECK(m->twin_id.empty());
  CHECK(m->chat_id == "D1");
  auto in_thread = edit("<@U0BOT> status", "<@U0BOT> help");
  in_thread["channel"] = "C1";
  in_thread["channel_type"] = "channel";
  CHECK(told(in_thread)->chat_id == "C1/1795363500.000100");
  CHECK(told(in_thread)->text == "/help");
}

TEST_CASE_FIXTURE(Fixture, "an edit that changes no words, or that no person made, is ignored") {
  CHECK_FALSE(told(edit("same", "same")));
  CHECK_FALSE(told(edit("before", "after", {{"bot_id", "B1"}})));
  CHECK_FALSE(told(edit("before", "after", {{"user", "U0BOT"}})));
  CHECK_FALSE(told(edit("before", "after", {{"subtype", "tombstone"}})));
  CHECK_FALSE(told(edit("before", "after", {{"edited", {{"user", "U0BOT"}}}})));
  CHECK_FALSE(told(edit("before", "")));
  auto empty = edit("a", "b");
  empty.erase("message");
  CHECK(refused(call(empty).dump()) == 400);
}

TEST_CASE_FIXTURE(Fixture, "files come along with a message, with or without a text") {
  const json file = {{"id", "F1"},
                     {"name", "notes.txt"},
                     {"mimetype", "text/plain"},
                     {"size", 7},
                     {"url_private", "https://files.slack.com/view/notes.txt"},
                     {"url_private_download", "https://files.slack.com/download/notes.txt"}};
  const auto m =
      told(direct({{"subtype", "file_share"}, {"text", ""}, {"files", {file, 7, {{"id", "F2"}}, nullptr}}}));
  REQUIRE(m);
  CHECK(m->text.empty());
  REQUIRE(m->attachments.size() == 1);
  CHECK(m->attachments[0].name == "notes.txt");
  CHECK(m->attachments[0].media_type == "text/plain");
  CHECK(m->attachments[0].size == 7);
  CHECK(m->attachments[0].handle.find("https://files.slack.com/download/notes.txt") != std::string::npos);
  CHECK(told(direct({{"files", json::array_t(500, file)}}))->attachments.size() <= 20);
  CHECK(told(direct({{"files", "none"}}))->attachments.empty());
}

TEST_CASE_FIXTURE(Fixture, "a slash command is a command, or a question where its first word is none") {
  const auto command = [&](const std::string& text, const std::string& channel = "C1") {
    const auto received =
        receive("team_id=T1&channel_id=" + channel +
                    "&user_id=U1&command=%2Ffrontdesk&text=" + bot::url_encode(text) + "&trigger_id=1.2.abc",
                kForm);
    CHECK(received.response.status == 200);
    CHECK(received.response.body.empty());
    return received.incoming.at(0);
  };
  CHECK(command("status").text == "/status");
  CHECK(command("dispatch build &amp; test").text == "/dispatch build & test");
  CHECK(command("cancel the lot").text == "/cancel the lot");
  CHECK(command("what is up?").text == "what is up?");
  CHECK(command(" ").text == "/help");
  CHECK(command("x", "D1").place == Incoming::Place::direct);
  CHECK(command("x").place == Incoming::Place::group);
  CHECK(command("x").ticket.empty());
  CHECK(command("x\xff"
                "y")
            .text == "x\xEF\xBF\xBDy");
}

TEST_CASE_FIXTURE(Fixture, "a response_url counts only on Slack's own host, or on the one of the API") {
  const auto ticket = [&](const std::string& url) {
    return receive("team_id=T1&channel_id=C1&user_id=U1&command=%2Ff&trigger_id=1&response_url=" +
                       bot::url_encode(url),
                   kForm)
        .incoming.at(0)
        .ticket;
  };
  CHECK_FALSE(ticket("https://hooks.slack.com/commands/1").empty());
  CHECK_FALSE(ticket("HTTPS://Hooks.Slack.Com/commands/1").empty());
  for (const char* url :
       {"http://hooks.slack.com/1", "https://hooks.slack.com.evil.example/", "https://evil.example/",
        "https://u@hooks.slack.com/", "https://hooks.slack.com@evil.example/", "ftp://hooks.slack.com/",
        "//hooks.slack.com/", "http://169.254.169.254/", "https://hooks.slack.com:444/", "x"}) {
    CAPTURE(std::string(url));
    CHECK(ticket(url).empty());
  }
  CHECK(ticket("https://hooks.slack.com/" + std::string(5'000, 'x')).empty());
  platform = make("api_base_url = \"http://127.0.0.1:4711\"\n");
  CHECK(ticket("http://127.0.0.1:4711/response/1") == "http://127.0.0.1:4711/response/1");
  CHECK(ticket("http://127.0.0.1:4712/response/1").empty());
}

json click() {
  return {{"type", "block_actions"},
          {"user", {{"id", "U1"}, {"username", "ada"}, {"team_id", "T1"}}},
          {"container", {{"type", "message"}, {"message_ts", "1795363500.000100"}, {"channel_id", "C1"}}},
          {"trigger_id", "1.2.abc"},
          {"team", {{"id", "T1"}}},
          {"channel", {{"id", "C1"}}},
          {"message", {{"ts", "1795363500.000100"}, {"thread_ts", "1795363400.000001"}}},
          {"response_url", "https://hooks.slack.com/actions/1"},
          {"actions",
           {{{"type", "button"},
             {"action_id", "b0"},
             {"value", "b0123456789abcdef01234567"},
             {"action_ts", "17.5"}}}}};
}

TEST_CASE_FIXTURE(Fixture, "a click names its button, its message and its conversation") {
  const auto clicked = [&](const json& payload) {
    return receive("payload=" + bot::url_encode(payload.dump()), kForm).incoming;
  };
  const auto m = clicked(click()).at(0);
  CHECK(m.button == "b0123456789abcdef01234567");
  CHECK(m.chat_id == "C1/1795363400.000001");
  CHECK(m.message_id == "1795363500.000100");
  CHECK(m.user_id == "U1");
  CHECK(m.user_name == "ada");
  CHECK(m.place == Incoming::Place::group);
  CHECK(m.external_id == "T1:click:U1:1795363500.000100:17.5");
  CHECK(m.ticket == "https://hooks.slack.com/actions/1");
  CHECK(m.text.empty());

  auto only_container = click();
  only_container.erase("message");
  only_container.erase("channel");
  only_container["actions"][0].erase("value");
  CHECK(clicked(only_container).at(0).chat_id == "C1");
  CHECK(clicked(only_container).at(0).button == "b0");

  auto direct = click();
  direct["channel"]["id"] = "D1";
  direct["message"].erase("thread_ts");
  CHECK(clicked(direct).at(0).chat_id == "D1");
  CHECK(clicked(direct).at(0).place == Incoming::Place::direct);

  for (const char* type : {"view_submission", "shortcut", "message_action", "block_suggestion"}) {
    auto other = click();
    other["type"] = type;
    CHECK(clicked(other).empty());
  }
  auto menu = click();
  menu["actions"][0]["type"] = "static_select";
  CHECK(clicked(menu).empty());
  auto long_value = click();
  long_value["actions"][0]["value"] = std::string(300, 'b');
  CHECK(clicked(long_value).empty());
  auto large = click();
  large["message"]["text"] = std::string(200'000, 'x');
  CHECK(clicked(large).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is no call of Slack's is refused with 400, though it is signed") {
  for (const auto& body : {std::string(), std::string("hello"), std::string("[]"), std::string("null"),
                           std::string("{"), std::string("{}"), std::string("\"x\""),
                           std::string(R"({"type":7})"), std::string("{\"type\":\"\xff\"}"),
                           std::string(100'000, '['), "{\"a\":" + std::string(100'000, '{')}) {
    CHECK(refused(body) == 400);
  }
  for (const auto& body :
       {std::string(), std::string("x=y"), std::string("payload=x"), std::string("payload=%7B"),
        std::string("payload=[]"), std::string("command=%2Ff"),
        std::string("command=%2Ff&channel_id=C1&user_id=U1"),
        std::string("command=%2Ff&channel_id=C%2F1&user_id=U1&trigger_id=1"),
        std::string("command=%2Ff&channel_id=C1&user_id=U1&trigger_id=") + std::string(300, '1'),
        std::string("%&=&&==%zz")}) {
    CAPTURE(body);
    CHECK(refused(body, kForm) == 400);
  }
  CHECK(refused("ssl_check=1&token=x", kForm) == 0);
  CHECK(refused(call(direct({{"channel", "C1/2"}})).dump()) == 400);
  CHECK(refused(call(direct({{"ts", ""}})).dump()) == 400);
  CHECK(refused(call(direct({{"user", std::string(300, 'U')}})).dump()) == 400);
  auto nameless = call(direct());
  nameless.erase("event_id");
  CHECK(refused(nameless.dump()) == 400);
}

/// Puts each of the hostile values in the place of every member, one after the other.
void replace_each(json& at, const std::function<void()>& look) {
  const json hostile[] = {nullptr,
                          true,
                          -1,
                          1e308,
                          "",
                          "x",
                          std::string(1000, 'x'),
                          json::array(),
                          {json::array()},
                          json::object(),
                          {{"id", json::object()}},
                          std::string("\0\x01", 2),
                          "<@U0BOT|",
                          9'223'372'036'854'775'807};
  for (auto& member : at) {
    auto kept = member;
    for (const auto& value : hostile) {
      member = value;
      look();
    }
    member = kept;
    if (member.is_structured()) {
      replace_each(member, look);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "no member of any call can be such that the program comes to grief") {
  int taken = 0;
  int refusals = 0;
  const auto survive = [&](const std::string& body, const std::string& type) {
    try {
      const auto received = receive(body, type);
      CHECK(received.response.status == 200);
      for (const auto& m : received.incoming) {
        CHECK_FALSE(m.external_id.empty());
        CHECK(m.external_id.size() < 1'000);
        CHECK_FALSE(m.chat_id.empty());
        CHECK_FALSE(m.user_id.empty());
        CHECK((m.button || !m.text.empty() || !m.attachments.empty()));
      }
      ++taken;
    } catch (const Refused& e) {
      CHECK(e.status == 400);
      ++refusals;
    }
  };
  const json file = {{"id", "F1"},
                     {"name", "n"},
                     {"mimetype", "t"},
                     {"size", 1},
                     {"url_private_download", "https://files.slack.com/x"}};
  for (auto event :
       {call(direct({{"files", {file}}, {"user_profile", {{"name", "x"}}}})),
        call(in_channel({{"type", "app_mention"}, {"thread_ts", "1.2"}})), call(edit("a", "b"))}) {
    replace_each(event, [&] { survive(event.dump(), "application/json"); });
  }
  auto clicked = click();
  replace_each(clicked, [&] { survive("payload=" + bot::url_encode(clicked.dump()), kForm); });
  CHECK(taken > 300);
  CHECK(refusals > 100);
}

TEST_CASE_FIXTURE(Fixture, "a Slack section that cannot work is refused with the key") {
  CHECK_THROWS_WITH_AS(make("api_base_url = \"slack.com\"\n"), doctest::Contains("api_base_url"),
                       base::ConfigError);
  CHECK_THROWS_WITH_AS(make("api_base_url = \"\"\n"), doctest::Contains("api_base_url"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make("app_token = \"x\"\n"), doctest::Contains("app_token"), base::ConfigError);
  folder.write("empty", "");
  const auto toml = "bot_token = \"file:token\"\nsigning_secret = \"file:empty\"\n";
  CHECK_THROWS_WITH_AS(
      bot::make_slack(config::parse_config(toml, "frontdesk.toml", folder.path()), {"svc", {}, {}, ""}),
      doctest::Contains("signing_secret"), base::ConfigError);
}

}  // namespace

// What Slack sends: every kind of call.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/form.h"
#include "base/utf8.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/slack/events.h"
#include "tests/support/chat_services/slack_events_fixture.h"

namespace {

using bot::chat::IncomingMessage;
using nlohmann::json;
using Fixture = support::SlackEventsFixture;

constexpr const char* kForm = "application/x-www-form-urlencoded";

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
  CHECK(m->place == IncomingMessage::Place::direct);
  CHECK(m->addressed == IncomingMessage::Addressed::always);
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
  CHECK(m->place == IncomingMessage::Place::group);
  CHECK(m->addressed == IncomingMessage::Addressed::always);
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
  CHECK(in_thread->addressed == IncomingMessage::Addressed::in_own_conversation);
  CHECK(in_thread->chat_id == "C1/1795363400.000001");
  CHECK(told(in_channel({{"thread_ts", "1795363400.000001"}, {"parent_user_id", "U0BOT"}}))->addressed ==
        IncomingMessage::Addressed::always);
  CHECK(told(in_channel({{"thread_ts", "1795363400.000001"}, {"parent_user_id", "U7"}}))->addressed ==
        IncomingMessage::Addressed::in_own_conversation);
  CHECK(told(in_channel({{"text", "so, <@U0BOT|frontdesk>, what do you say?"}}))->addressed ==
        IncomingMessage::Addressed::always);
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
  CHECK(m->kind == IncomingMessage::Kind::edit);
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
  // In a channel that is shared with another workspace Slack tells no more than the id.
  const auto shared = told(in_channel({{"type", "app_mention"},
                                       {"files",
                                        {{{"id", "F3"}, {"file_access", "check_file_info"}},
                                         {{"id", "F/4"}, {"file_access", "check_file_info"}}}}}));
  REQUIRE(shared->attachments.size() == 1);
  CHECK(json::parse(shared->attachments[0].handle).at("id") == "F3");
  CHECK(told(direct({{"files", json::array_t(500, file)}}))->attachments.size() <= 20);
  CHECK(told(direct({{"files", "none"}}))->attachments.empty());
}

TEST_CASE_FIXTURE(Fixture, "a slash command is a command, or a question where its first word is none") {
  const auto command = [&](const std::string& text, const std::string& channel = "C1") {
    const auto received =
        receive("team_id=T1&channel_id=" + channel +
                    "&user_id=U1&command=%2Ffrontdesk&text=" + base::url_encode(text) + "&trigger_id=1.2.abc",
                kForm);
    CHECK(received.response.status == 200);
    CHECK(received.response.body.empty());
    return received.incoming.at(0);
  };
  CHECK(command("status").text == "/status");
  CHECK(command("dispatch build &amp; test").text == "/dispatch build & test");
  CHECK(command("cancel task-api").text == "/cancel task-api");
  for (const std::string alone : {"dispatch", " Answer ", "file", "pair"}) {
    CHECK(command(alone).text == "/" + std::string(base::trim(alone)));
  }
  for (const char* words :
       {"cancel the lot", "new logo ideas?", "help me with the tax", "status of the order?"}) {
    CHECK(command(words).text == words);
  }
  CHECK(command("what is up?").text == "what is up?");
  CHECK(command(" ").text == "/help");
  CHECK(command("x", "D1").place == IncomingMessage::Place::direct);
  CHECK(command("x").place == IncomingMessage::Place::group);
  CHECK(command("x").ticket.empty());
  CHECK(command("x\xff"
                "y")
            .text == "x\xEF\xBF\xBDy");
}

TEST_CASE_FIXTURE(Fixture, "a command without a trigger_id is told from others by the call") {
  const auto id = [&](const std::string& text) {
    return receive("channel_id=C1&user_id=U1&command=%2Ff&text=" + text, kForm).incoming.at(0).external_id;
  };
  CHECK(id("a") == id("a"));
  CHECK(id("a") != id("b"));
  const auto first = id("a");
  clock.advance(std::chrono::seconds(1));
  CHECK(id("a") != first);
}

TEST_CASE_FIXTURE(Fixture, "where a message has no channel_type, its channel's id says what it is") {
  auto event = direct();
  event.erase("channel_type");
  CHECK(told(event)->place == IncomingMessage::Place::direct);
  for (const char* channel : {"C1", "G1"}) {
    auto elsewhere = direct({{"channel", channel}, {"text", "<@U0BOT> hello"}});
    elsewhere.erase("channel_type");
    CHECK(told(elsewhere)->place == IncomingMessage::Place::group);
  }
}

TEST_CASE("where a call does not tell who the bot is, what is known of it counts") {
  base::HttpRequest request;
  auto unnamed = Fixture::call(Fixture::in_channel({{"text", "<@U5> status"}}));
  unnamed.erase("authorizations");
  request.body = unnamed.dump();
  CHECK(bot::slack::read_call(request, "", "").incoming.empty());
  CHECK(bot::slack::read_call(request, "", "U5").incoming.at(0).text == "/status");
  CHECK(bot::slack::read_call(request, "", "U6").incoming.empty());
}

TEST_CASE_FIXTURE(Fixture, "a response_url counts only on Slack's own host, or on the one of the API") {
  const auto ticket = [&](const std::string& url) {
    return receive("team_id=T1&channel_id=C1&user_id=U1&command=%2Ff&trigger_id=1&response_url=" +
                       base::url_encode(url),
                   kForm)
        .incoming.at(0)
        .ticket;
  };
  CHECK_FALSE(ticket("https://hooks.slack.com/commands/1").empty());
  CHECK_FALSE(ticket("HTTPS://Hooks.Slack.Com/commands/1").empty());
  for (const char* url :
       {"http://hooks.slack.com/1", "https://hooks.slack.com.evil.example/", "https://evil.example/",
        "https://u@hooks.slack.com/", "https://hooks.slack.com@evil.example/", "ftp://hooks.slack.com/",
        "//hooks.slack.com/", "http://169.254.169.254/", "https://hooks.slack.com:444/", "x",
        "https://hooks.slack.com/\xff", "https://hooks.slack.com/ 1", "https://hooks.slack.com/\r\nX: y"}) {
    CAPTURE(std::string(url));
    CHECK(ticket(url).empty());
  }
  CHECK(ticket("https://hooks.slack.com/" + std::string(5'000, 'x')).empty());
  platform = make("api_base_url = \"http://127.0.0.1:4711\"\n");
  CHECK(ticket("http://127.0.0.1:4711/response/1") == "http://127.0.0.1:4711/response/1");
  CHECK(ticket("http://127.0.0.1:4712/response/1").empty());
}

TEST_CASE_FIXTURE(Fixture, "a click names its button, its message and its conversation") {
  const auto clicked = [&](const json& payload) {
    return receive("payload=" + base::url_encode(payload.dump()), kForm).incoming;
  };
  const auto m = clicked(click()).at(0);
  CHECK(m.button == "b0123456789abcdef01234567");
  CHECK(m.chat_id == "C1/1795363400.000001");
  CHECK(m.message_id == "1795363500.000100");
  CHECK(m.user_id == "U1");
  CHECK(m.user_name == "ada");
  CHECK(m.place == IncomingMessage::Place::group);
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
  CHECK(clicked(direct).at(0).place == IncomingMessage::Place::direct);

  auto bare = click();
  bare["actions"][0].erase("type");
  bare["actions"][0].erase("action_ts");
  bare.erase("trigger_id");
  bare["message"].erase("thread_ts");
  CHECK(clicked(bare).at(0).button == "b0123456789abcdef01234567");
  CHECK(clicked(bare).at(0).chat_id == "C1");
  CHECK(clicked(bare).at(0).external_id == clicked(bare).at(0).external_id);
  auto other_click = bare;
  other_click["user"]["username"] = "bob";
  CHECK(clicked(bare).at(0).external_id != clicked(other_click).at(0).external_id);

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

TEST_CASE_FIXTURE(Fixture, "a reaction to a message of the bot's is told, and no other") {
  const auto reaction = [](const json& more) {
    json event = {{"type", "reaction_added"},
                  {"user", "U1"},
                  {"reaction", "+1"},
                  {"item_user", "U0BOT"},
                  {"event_ts", "1.2"},
                  {"item", {{"type", "message"}, {"channel", "C1"}, {"ts", "1795363500.000100"}}}};
    event.update(more);
    return event;
  };
  const auto m = told(reaction(json::object()));
  REQUIRE(m);
  CHECK(m->kind == IncomingMessage::Kind::reaction);
  CHECK(m->external_id == "T1:Ev1");
  CHECK(m->own_id() == "1795363500.000100");
  CHECK(m->chat_id == "C1");
  CHECK(m->user_id == "U1");
  CHECK(m->reaction->emoji == "+1");
  CHECK(m->reaction->change == bot::chat::Reaction::Change::added);
  CHECK(told(reaction({{"type", "reaction_removed"}}))->reaction->change ==
        bot::chat::Reaction::Change::removed);
  CHECK(told(reaction({{"reaction", "thumbsup::skin-tone-4"}}))->reaction->emoji == "thumbsup");
  for (const auto& other :
       {json{{"item_user", "U2"}}, json{{"user", "U0BOT"}}, json{{"item", {{"type", "file"}}}},
        json{{"reaction", ""}}, json{{"user", "U/1"}}, json{{"item", 7}}, json{{"reaction", 7}}}) {
    CHECK_FALSE(told(reaction(other)));
  }
}

}  // namespace

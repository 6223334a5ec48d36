// What people see of the bot on Discord, against a service with Discord's own rules.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bot/platforms/discord/calls.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/discord_fixture.h"
#include "tests/support/loopback_server.h"

namespace {

using bot::chat::NotSent;
using bot::chat::RateLimited;
using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;
using store::ButtonKind;
using support::DiscordService;
using Fixture = support::DiscordFixture;
using Texts = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture, "Discord: the first answer to a command takes the place of the thinking") {
  const auto asked = command();
  const auto id = say_and_deliver("Hello", asked);
  const auto shown = service.shown();
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].id == id);
  CHECK(shown[0].text == "Hello");
  const auto made = calls("PATCH", "/@original");
  REQUIRE(made.size() == 1);
  CHECK(made[0].request.path ==
        "/api/v10/webhooks/1100000000000000001/token." + asked + "/messages/@original");
  CHECK_FALSE(made[0].request.headers.get("Authorization"));
  CHECK(calls("POST", "/messages").empty());
}

TEST_CASE_FIXTURE(Fixture, "Discord: a second answer to the same command is a message of its own") {
  const auto asked = command();
  const auto note = post("Working", asked);
  const auto first = deliver();
  const auto second = say_and_deliver("Here is the result", asked);
  CHECK(first != second);
  CHECK(texts() == Texts{"Working", "Here is the result"});
  outbox.edit(note, "Done", {}, clock.now());
  clock.advance(seconds(5));
  CHECK(deliver() == first);
  CHECK(texts() == Texts{"Done", "Here is the result"});
}

TEST_CASE_FIXTURE(Fixture, "Discord: answers to two commands each take their own place") {
  const auto one = command("one");
  const auto two = command("two");
  say_and_deliver("answer to two", two);
  say_and_deliver("answer to one", one);
  const auto shown = service.shown();
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].reply_to == two);
  CHECK(shown[1].reply_to == one);
  CHECK(calls("PATCH", "/@original").size() == 2);
}

TEST_CASE_FIXTURE(
    Fixture, "Discord: the answer to a click replies to the message with the button and leaves it as it is") {
  const auto id = post("Shall I?", {}, {{ButtonKind::yes, 5, "Yes"}, {ButtonKind::no, 5, "No"}});
  deliver();
  const auto question = service.shown().at(0);
  const auto clicked = received(service.click(question, "Yes"));
  say_and_deliver("Working", clicked);
  REQUIRE(texts() == Texts{"Shall I?", "Working"});
  CHECK(service.shown()[1].reply_to == question.id);
  CHECK(json::parse(calls("POST", "/messages").back().request.body)["message_reference"] ==
        json{{"message_id", question.id}, {"fail_if_not_exists", false}});
  CHECK(calls("PATCH", "/@original").empty());
  CHECK(id.value > 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: a message of the bot has a nonce, no mentions, no previews, and names the bot") {
  post("@everyone look", {}, {{ButtonKind::yes, 5, "Yes"}, {ButtonKind::cancel, 5, "Stop"}});
  deliver();
  const auto made = calls("POST", "/channels/500/messages");
  REQUIRE(made.size() == 1);
  const auto& request = made[0].request;
  CHECK(request.headers.get("Authorization") == std::string("Bot ") + DiscordService::kBotToken);
  CHECK(request.headers.get("User-Agent").value_or("").starts_with("DiscordBot (https://"));
  const auto body = json::parse(request.body);
  CHECK(body["allowed_mentions"] == json{{"parse", json::array()}});
  CHECK(body["flags"] == 4);
  CHECK(body["enforce_nonce"] == true);
  CHECK(body["nonce"].get<std::string>().size() <= 25);
  CHECK_FALSE(body.contains("message_reference"));
  REQUIRE(body["components"].size() == 1);
  const auto& row = body["components"][0];
  CHECK(row["type"] == 1);
  CHECK(row["components"][0]["type"] == 2);
  CHECK(row["components"][0]["style"] == 3);
  CHECK(row["components"][0]["label"] == "Yes");
  CHECK(row["components"][0]["custom_id"].get<std::string>().size() <= 100);  // Discord's limit
  CHECK(row["components"][1]["style"] == 4);
}

TEST_CASE_FIXTURE(Fixture, "Discord: nonces differ by piece and by call, and stay the same") {
  CHECK(bot::discord::nonce_of("msg_1", "msg_1") == bot::discord::nonce_of("msg_1", "msg_1"));
  CHECK(bot::discord::nonce_of("msg_1", "msg_1") != bot::discord::nonce_of("msg_2", "msg_2"));
  CHECK(bot::discord::nonce_of("msg_1", "msg_1") != bot::discord::nonce_of("msg_1.1", "msg_1"));
  CHECK(bot::discord::nonce_of("msg_1", "msg_1") != bot::discord::nonce_of("msg_1", "edit_1"));
  CHECK(bot::discord::nonce_of("msg_1", "msg_1").size() <= 25);
}

TEST_CASE_FIXTURE(Fixture, "Discord: many buttons stand in rows of five, with labels that fit") {
  std::vector<store::Button> buttons;
  std::string label;
  for (int i = 0; i < 30; ++i) {
    buttons.push_back({ButtonKind::option, i, "Option " + std::to_string(i) + label});
    label += "ß👍";
  }
  buttons[1].label = " ";
  post("Which?", {}, buttons);
  deliver();
  const auto rows = service.messages().at(0)["components"];
  REQUIRE(rows.size() == 5);
  for (const auto& row : rows) {
    CHECK(row["components"].size() == 5);
  }
}

TEST_CASE_FIXTURE(Fixture, "Discord: an edit changes text and buttons, and takes buttons away") {
  const auto id = post("0 %", {}, {{ButtonKind::cancel, 5, "Stop"}});
  const auto external = deliver();
  clock.advance(seconds(3));
  outbox.edit(id, "Done", {}, clock.now());
  CHECK(deliver() == external);
  const auto shown = service.shown();
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].text == "Done");
  CHECK(shown[0].actions.empty());
  const auto body = json::parse(calls("PATCH", "/channels/500/messages/").at(0).request.body);
  CHECK(body["allowed_mentions"] == json{{"parse", json::array()}});
  CHECK_FALSE(body.contains("nonce"));
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: a long answer is several messages, the first in the place of the thinking") {
  const auto asked = command();
  say_and_deliver(std::string(2'000, 'a') + std::string(2'000, 'b') + std::string(10, 'c'), asked);
  const auto all = texts();
  REQUIRE(all.size() == 3);
  CHECK(all[0] == std::string(2'000, 'a'));
  CHECK(all[2] == std::string(10, 'c'));
  CHECK(calls("PATCH", "/@original").size() == 1);
  CHECK(calls("POST", "/channels/500/messages").size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a very long answer is its beginning and a file") {
  const auto text = std::string(11'000, 'x') + "\n--end \"ß\"";
  say_and_deliver(text);
  const auto messages = service.messages();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0]["content"].get<std::string>().size() == 2'000);
  REQUIRE(messages[1]["attachments"].size() == 1);
  CHECK(messages[1]["attachments"][0]["filename"] == "answer.md");
  CHECK(messages[1]["attachments"][0]["content"] == text);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a thread is where its messages go") {
  chat = conversations.open("svc", "500/501", clock.now());
  say_and_deliver("in the thread");
  CHECK(calls("POST", "/channels/501/messages").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Discord: once an interaction is over, its answer is a message of the bot") {
  const auto asked = command();
  clock.advance(minutes(14));
  say_and_deliver("late", asked);
  CHECK(calls("PATCH", "/webhooks/").empty());
  CHECK(texts() == Texts{"late"});
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: an interaction that Discord forgot is answered by a message of the bot") {
  const auto asked = command();
  SUBCASE("its token is not valid") {
    service.end_interactions();
  }
  SUBCASE("what would have become the answer is gone") {
    service.forget_original(asked);
    clock.advance(seconds(11));
  }
  say_and_deliver("hello", asked);
  CHECK(texts() == Texts{"hello"});
  CHECK(calls("POST", "/channels/500/messages").size() == 1);
  // Not the bot's token was refused, so nothing is held back.
  CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("500", clock.now()) <= clock.now());
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: an answer that is quicker than the receipt of its command waits for it") {
  const auto asked = command("/help");
  service.forget_original(asked);
  post("help", asked);
  for (int i = 0; i < 3; ++i) {
    CHECK_THROWS_AS(deliver(), RateLimited);
    clock.advance(seconds(1));
  }
  service.find_original(asked);
  deliver();
  CHECK(texts() == Texts{"help"});
  CHECK(calls("POST", "/messages").empty());
}

TEST_CASE_FIXTURE(Fixture, "Discord: a refusal that is quicker than the receipt of its command is repeated") {
  const auto taken = support::receive(*platform, service.message({"let me in", "500"}), clock.now());
  const auto asked = taken.incoming.at(0).own_id();
  service.forget_original(asked);
  support::as<bot::chat::AcknowledgesIncoming>(*platform).on_refused(taken.incoming.at(0));
  REQUIRE(service.wait_until([&] { return calls("PATCH", "/@original").size() == 1; }));
  service.find_original(asked);
  CHECK(service.wait_for_text("operator").reply_to == asked);
}

TEST_CASE_FIXTURE(Fixture, "Discord: where the bot may not write, everything goes by the interaction") {
  service.close_channel("500");
  const auto asked = command();
  const auto note = post("Working", asked, {{ButtonKind::cancel, 5, "Stop"}});
  const auto first = deliver();
  const auto result = post("Result", asked);
  const auto second = deliver();
  CHECK(texts() == Texts{"Working", "Result"});
  CHECK(calls("POST", "/webhooks/").size() == 1);
  clock.advance(seconds(5));
  outbox.edit(note, "Done", {}, clock.now());
  CHECK(deliver() == first);
  clock.advance(seconds(5));
  outbox.edit(result, "Result, corrected", {}, clock.now());
  CHECK(deliver() == second);
  CHECK(texts() == Texts{"Done", "Result, corrected"});
  // The closed door is knocked at once, not at every edit.
  auto refused = service.calls();
  std::erase_if(refused, [](const auto& call) { return call.answered != 403; });
  CHECK(refused.size() == 1);
  clock.advance(minutes(15));
  outbox.edit(note, "Much later", {}, clock.now());
  CHECK_THROWS_WITH_AS(deliver(), doctest::Contains("50001"), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: a person who was refused is answered in the place of the thinking, too") {
  const auto taken = support::receive(*platform, service.message({"let me in", "500"}), clock.now());
  const auto asked = taken.incoming.at(0).own_id();  // not stored
  say_and_deliver("I do not know you yet.", asked);
  CHECK(texts() == Texts{"I do not know you yet."});
  CHECK(calls("PATCH", "/@original").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a person who was refused again is not left with the thinking") {
  const auto taken = support::receive(*platform, service.message({"let me in", "500"}), clock.now());
  support::as<bot::chat::AcknowledgesIncoming>(*platform).on_refused(taken.incoming.at(0));
  CHECK(service.wait_for_text("operator").reply_to == taken.incoming.at(0).own_id());
  post("Shall I?", {}, {{ButtonKind::yes, 5, "Yes"}});
  deliver();
  const auto clicked =
      support::receive(*platform, service.click(service.shown().back(), "Yes", "6666"), clock.now());
  support::as<bot::chat::AcknowledgesIncoming>(*platform).on_refused(clicked.incoming.at(0));
  CHECK(service.wait_until([&] { return service.shown().size() == 3; }));
  CHECK(service.shown()[1].text == "Shall I?");
  CHECK(service.messages().back()["flags"] == 64);
}

TEST_CASE_FIXTURE(Fixture, "Discord: refusals say why and never the token") {
  DiscordService::Behaviour refusal;
  refusal.status = 400;
  refusal.times = 2;
  service.behave(refusal);
  post("hello", command());
  post("hello");
  for (int i = 0; i < 2; ++i) {
    try {
      deliver();
      FAIL("delivered");
    } catch (const base::PermanentError& e) {
      CHECK(std::string(e.what()).find("400") != std::string::npos);
      CHECK(std::string(e.what()).find("token") == std::string::npos);
    }
    clock.advance(seconds(1));
  }
}

TEST_CASE_FIXTURE(Fixture, "Discord: what a deleted message showed is said anew") {
  const auto id = post("0 %");
  service.take_away(deliver());
  clock.advance(seconds(2));
  outbox.edit(id, "10 %", {}, clock.now());
  deliver();
  std::vector<std::string> all;
  for (const auto& m : service.shown()) {
    all.push_back(m.text);
  }
  CHECK(all == std::vector<std::string>{"10 %"});
}

TEST_CASE_FIXTURE(Fixture, "Discord: what an archived thread shows is said anew, which opens it again") {
  chat = conversations.open("svc", "500/501", clock.now());
  const auto id = post("0 %");
  deliver();
  service.archive("501");
  clock.advance(seconds(2));
  outbox.edit(id, "10 %", {}, clock.now());
  deliver();
  CHECK(service.shown().back().text == "10 %");
}

TEST_CASE_FIXTURE(Fixture, "Discord: a piece that was taken away can be sent once more at once") {
  const auto text = std::string(11'000, 'x');
  const auto id = post(text);
  deliver();
  REQUIRE(service.messages().size() == 2);
  for (const auto& edited : {std::string("short"), text}) {
    clock.advance(seconds(10));
    outbox.edit(id, edited, {}, clock.now());
    deliver_in_pace();
  }
  CHECK(service.messages().size() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: an edit that becomes shorter takes messages away, also those that are gone") {
  const auto id = post(std::string(4'500, 'x'));
  deliver();
  REQUIRE(service.messages().size() == 3);
  service.take_away(service.messages().back()["id"].get<std::string>());
  clock.advance(seconds(10));
  outbox.edit(id, "short", {}, clock.now());
  deliver_in_pace();
  REQUIRE(service.messages().size() == 1);
  CHECK(service.messages()[0]["content"] == "short");
}

TEST_CASE_FIXTURE(Fixture, "Discord: nobody listening is no delivery, and a stop is passed on") {
  post("hello");
  std::stop_source source;
  source.request_stop();
  CHECK_THROWS_AS(deliver(source.get_token()), base::Stopped);
  clock.advance(seconds(5));
  platform = make_at("http://127.0.0.1:1", DiscordService::kBotToken, "", "");
  CHECK_THROWS_AS(deliver(), NotSent);
}

TEST_CASE_FIXTURE(Fixture, "Discord: typing is shown while an answer is thought about") {
  support::as<bot::chat::ShowsTyping>(*platform).show_presence("500",
                                                               bot::chat::ShowsTyping::Presence::thinking);
  CHECK(service.wait_until([&] { return calls("POST", "/channels/500/typing").size() == 1; }));
  support::as<bot::chat::ShowsTyping>(*platform).show_presence("500", bot::chat::ShowsTyping::Presence::idle);
}

TEST_CASE_FIXTURE(Fixture, "Discord: files are fetched from Discord's own hosts only") {
  const auto fetch = [&](const std::string& url) {
    std::string bytes;
    support::as<bot::chat::FetchesFiles>(*platform).fetch(url, 1000,
                                                          [&](std::string_view part) { bytes += part; }, {});
    return bytes;
  };
  for (const char* url :
       {"http://cdn.discordapp.com/a", "https://cdn.discordapp.com.evil.example/a",
        "https://cdn.discordapp.com@127.0.0.1/a", "https://evil.example/cdn.discordapp.com",
        "https://127.0.0.1/a", "file:///etc/passwd", "", "https://cdn.discordapp.com:8443/a",
        "//cdn.discordapp.com/a", "https://cdn.discordapp.com\\@evil.example/",
        "https://cdn.discordapp.com?@evil.example/", "https://cdn.discordapp.com#@evil.example/",
        "http://127.0.0.1:1/a"}) {
    CAPTURE(url);
    CHECK_THROWS_WITH_AS(fetch(url), doctest::Contains("host"), base::PermanentError);
  }
  // The API's own host is one; what the bot may not see there is a matter of the API.
  CHECK_THROWS_WITH_AS(fetch(service.url() + "/elsewhere"), doctest::Contains("404"), base::PermanentError);
  std::string content(1'000, 'x');
  const support::LoopbackServer constant(
      [&](const base::HttpRequest&) { return base::HttpResponse::json(content); });
  const auto url = constant.url();
  platform = make_at(url, DiscordService::kBotToken, "", "");
  CHECK(fetch(url + "/attachments/1/a.txt") == std::string(1'000, 'x'));
  content += "x";
  CHECK_THROWS_WITH_AS(fetch(url + "/attachments/1/a.txt"), doctest::Contains("larger"),
                       base::PermanentError);
}

}  // namespace

// What Slack is called with: messages, edits, files, what became of them, pace, errors.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "bot/platforms/slack/calls.h"
#include "bot/platforms/slack/platform.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/slack_fixture.h"
#include "tests/support/loopback_server.h"

namespace {

using bot::chat::NotSent;
using bot::chat::RateLimited;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::SlackService;
using Fixture = support::SlackFixture;

TEST_CASE_FIXTURE(Fixture, "a message is posted to the letter of Slack's API") {
  auto c = call("**Hello** <!channel> & [page](https://x.example)", "C1/1795363400.000001");
  const auto id = deliver(c);
  CHECK(id == slack.shown().at(0).id);
  const auto posted = calls("chat.postMessage").at(0);
  CHECK(posted.at("channel") == "C1");
  CHECK(posted.at("thread_ts") == "1795363400.000001");
  CHECK(posted.at("text").get<std::string>().find("<!channel>") == std::string::npos);
  CHECK(posted.at("text").get<std::string>().find("*Hello*") == 0);
  CHECK(posted.at("unfurl_links") == false);
  CHECK(posted.at("unfurl_media") == false);
  CHECK(posted.at("blocks").empty());
  CHECK(posted.at("metadata") ==
        json{{"event_type", "frontdesk_message"}, {"event_payload", {{"outbox_id", c.key}}}});
  const auto request = slack.calls().at(0).request;
  CHECK(request.path == "/api/chat.postMessage");
  CHECK(request.headers.get("Authorization") == std::string("Bearer ") + SlackService::kToken);
  CHECK(request.body.find(SlackService::kToken) == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "buttons stand below their text, at most 25 in a row, with short labels") {
  auto c = call("Shall I?");
  add_buttons(c, store::ButtonKind::yes, 30);
  c.post.buttons[0].label = std::string(200, 'x');
  deliver(c);
  const auto blocks = calls("chat.postMessage").at(0).at("blocks");
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0].at("text") == json{{"type", "mrkdwn"}, {"text", "Shall I?"}, {"verbatim", true}});
  CHECK(blocks[1].at("elements").size() == 25);
  CHECK(blocks[2].at("elements").size() == 5);
  CHECK(blocks[1]["elements"][1].at("action_id") == "b1");
  CHECK(blocks[1]["elements"][1].at("value") == "b1");
  CHECK(blocks[1]["elements"][0]["text"].at("text").get<std::string>().size() <= 75);
}

TEST_CASE_FIXTURE(Fixture, "where Slack does not take the blocks the text is shown without its buttons") {
  auto c = call("Shall I?");
  add_buttons(c, store::ButtonKind::yes);
  slack.fail("chat.postMessage", "invalid_blocks");
  const auto id = deliver(c);
  CHECK(slack.shown().at(0).text == "Shall I?");
  CHECK(slack.shown().at(0).actions.empty());
  clock.advance(seconds(2));
  c.kind = store::CallKind::edit;
  c.post.text = "Shall I now?";
  slack.fail("chat.update", "invalid_blocks_format");
  CHECK(deliver(c) == id);
  CHECK(slack.shown().at(0).text == "Shall I now?");
}

TEST_CASE_FIXTURE(Fixture, "an edit changes the message, and takes its buttons away where it has none") {
  auto c = call("one");
  add_buttons(c, store::ButtonKind::yes);
  const auto id = deliver(c);
  c.kind = store::CallKind::edit;
  c.post.text = "two";
  c.post.buttons.clear();
  CHECK(deliver(c) == id);
  CHECK(deliver(c) == id);  // the same again is nothing to do
  const auto updates = calls("chat.update");
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].at("ts") == id);
  CHECK(updates[0].at("blocks") == json::array());
  CHECK(updates[0].at("parse") == "none");
  CHECK(slack.shown().at(0).text == "two");
  CHECK(slack.shown().at(0).actions.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "an edit of a message that is not there or can no longer be changed says that it is gone") {
  bot::slack::RateLimits pace;
  const bot::slack::WebApi api(slack.url() + "/api", SlackService::kToken);
  auto c = call("one");
  for (const char* error : {"message_not_found", "cant_update_message", "edit_window_closed"}) {
    CAPTURE(std::string(error));
    slack.fail("chat.update", error);
    const auto calls_to_slack = bot::slack::make_calls(api, pace, {c, pieces}, c, clock.now(), {});
    CHECK_THROWS_AS(calls_to_slack->edit("1795363500.000100", {"two"}), bot::chat::Gone);
    clock.advance(seconds(10));
  }
  slack.fail("chat.update", "");
  CHECK_NOTHROW(
      bot::slack::make_calls(api, pace, {c, pieces}, c, clock.now(), {})->remove("1795363500.000100"));
}

TEST_CASE_FIXTURE(Fixture, "a message is found in the history although our clock is wrong") {
  const auto asked = slack.write("D1", "U1", "question").at("ts").get<std::string>();
  for (const auto ahead : {std::chrono::minutes(5), std::chrono::minutes(120)}) {
    CAPTURE(ahead.count());
    clock.advance(ahead);
    auto c = call("once");
    c.answers = asked;
    slack.behave({.status = 500, .accepts = true});
    CHECK_THROWS_AS(deliver(c), base::TransientError);
    const auto before = slack.shown().size();
    clock.advance(seconds(10));
    CHECK(deliver(c) == slack.shown().back().id);
    CHECK(slack.shown().size() == before);
  }
  // What answers nothing is found unless the clock is wrong by more than ten minutes.
  clock.set(base::SystemClock().now() + std::chrono::minutes(9));
  platform = make(slack.url() + "/api");  // whose pace knows nothing of that clock
  auto notice = call("notice", "D2");
  slack.behave({.status = 500, .accepts = true});
  CHECK_THROWS_AS(deliver(notice), base::TransientError);
  const auto before = slack.shown().size();
  deliver(notice);
  CHECK(slack.shown().size() == before);
}

TEST_CASE_FIXTURE(Fixture, "a long answer is several messages, a very long one a file below the first") {
  std::string text;
  for (int i = 0; i < 150; ++i) {
    text += "This is line " + std::to_string(i) + " of an answer that goes on for quite a while.\n\n";
  }
  deliver_in_pace(call(text));
  const auto first = slack.shown();
  CHECK(first.size() > 2);
  for (const auto& shown : first) {
    CHECK(shown.text.size() <= 3'000);
  }
  std::string longer;
  for (int i = 0; i < 10; ++i) {
    longer += text;
  }
  auto c = call(longer, "C1/1795363400.000001");
  deliver_in_pace(c);
  const auto all = slack.shown();
  REQUIRE(all.size() == first.size() + 2);
  CHECK(all.back().text == "[file] answer.md");
  CHECK(all.back().chat == "C1/1795363400.000001");
  const auto uploads = slack.calls();
  const auto upload = std::find_if(uploads.begin(), uploads.end(), [](const auto& made) {
    return made.request.path.starts_with("/upload/");
  });
  REQUIRE(upload != uploads.end());
  CHECK(upload->request.body == longer);
  CHECK(calls("files.completeUploadExternal").at(0).at("initial_comment") ==
        "The whole answer is in this file.");
  CHECK_FALSE(upload->request.headers.get("Authorization"));
}

TEST_CASE_FIXTURE(Fixture, "a shorter edit takes away the messages that are too many") {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "This is line " + std::to_string(i) + " of an answer that goes on for quite a while.\n\n";
  }
  auto c = call(text);
  deliver_in_pace(c);
  REQUIRE(slack.shown().size() > 1);
  c.kind = store::CallKind::edit;
  c.post.text = "short";
  deliver_in_pace(c);
  REQUIRE(slack.shown().size() == 1);
  CHECK(slack.shown()[0].text == "short");
}

TEST_CASE_FIXTURE(Fixture, "a message whose answer never came is found in the history and not sent again") {
  for (const std::string chat : {"D1", "C1/1795363400.000001"}) {
    CAPTURE(chat);
    auto c = call("once", chat);
    slack.behave({.status = 500, .accepts = true});
    CHECK_THROWS_AS(deliver(c), base::TransientError);
    const auto before = slack.shown().size();
    for (int i = 0; i < 250; ++i) {  // more than a page
      slack.write(chat.substr(0, 2), "U1", "chatter",
                  chat == "D1" ? json::object() : json{{"thread_ts", "1795363400.000001"}});
    }
    CHECK(deliver(c) == slack.shown().back().id);
    CHECK(slack.shown().size() == before);
    clock.advance(seconds(10));
  }
  CHECK(calls("conversations.history").size() == 2);
  CHECK(calls("conversations.replies").size() == 1);
  CHECK(calls("conversations.history")[0].at("include_all_metadata") == "true");
}

TEST_CASE_FIXTURE(Fixture, "a message that is not in the history is sent again once it can be told") {
  auto c = call("once");
  slack.behave({.status = 500});
  CHECK_THROWS_AS(deliver(c), base::TransientError);
  CHECK_THROWS_AS(deliver(c), base::TransientError);  // it may still be on its way
  CHECK(slack.shown().empty());
  clock.advance(seconds(6));
  deliver(c);
  deliver(c);
  CHECK(slack.shown().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a message of which the history cannot tell is never sent again") {
  auto c = call("once");
  slack.behave({.status = 500});
  CHECK_THROWS_AS(deliver(c), base::TransientError);
  clock.advance(seconds(6));
  slack.fail("conversations.history", "internal_error");
  CHECK_THROWS_AS(deliver(c), base::TransientError);
  slack.fail("conversations.history", "ratelimited");
  CHECK_THROWS_AS(deliver(c), base::TransientError);
  slack.fail("conversations.history", "missing_scope");
  CHECK(deliver(c).empty());
  CHECK(pieces.doubtful_count() == 1);
  slack.fail("conversations.history", "");
  CHECK(deliver(c).empty());
  CHECK(slack.shown().empty());
}

TEST_CASE_FIXTURE(Fixture, "an error of Slack's says whether to try again, and what to do") {
  struct Row {
    const char *error, *part;
  };
  for (const auto& row :
       {Row{"not_in_channel", "/invite"}, Row{"channel_not_found", "/invite"}, Row{"is_archived", "archive"},
        Row{"msg_too_long", "too long"}, Row{"restricted_action", "admins"},
        Row{"brand_new_error", "brand_new_error"}, Row{"<b>evil</b>", "unknown_error"}}) {
    CAPTURE(std::string(row.error));
    slack.fail("chat.postMessage", row.error);
    CHECK_THROWS_WITH_AS(deliver(call("x")), doctest::Contains(row.part), base::PermanentError);
    clock.advance(seconds(2));
  }
  for (const char* error : {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}) {
    CAPTURE(std::string(error));
    slack.fail("chat.postMessage", error);
    bool not_sent = false;
    try {
      deliver(call("x"));
      FAIL("delivered");
    } catch (const NotSent&) {
      not_sent = true;
    } catch (const base::TransientError&) {
    }
    CHECK_FALSE(not_sent);
    clock.advance(seconds(2));
  }
}

TEST_CASE_FIXTURE(Fixture, "where Slack takes nothing of the app, answers wait, longer each time") {
  for (const char* error : {"invalid_auth", "token_revoked", "account_inactive"}) {
    CAPTURE(std::string(error));
    platform = make(slack.url() + "/api");
    auto c = call("x");
    slack.fail("chat.postMessage", error);
    for (const auto pause : {seconds(60), seconds(120), seconds(240)}) {
      try {
        deliver(c);
        FAIL("delivered");
      } catch (const NotSent& e) {
        CHECK(e.retry_after == pause);
      }
      CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("D1", clock.now()) ==
            clock.now() + pause);
      const auto before = slack.calls().size();
      CHECK_THROWS_AS(deliver(call("y", "C2")), RateLimited);
      CHECK(slack.calls().size() == before);
      clock.advance(pause);
    }
    slack.fail("chat.postMessage", "");
    CHECK_NOTHROW(deliver(c));
    CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("C7", clock.now()) <= clock.now());
    slack.fail("chat.postMessage", error);
    try {
      deliver(call("z", "C3"));
      FAIL("delivered");
    } catch (const NotSent& e) {
      CHECK(e.retry_after == seconds(60));
    }
    slack.fail("chat.postMessage", "");
    clock.advance(seconds(60));
  }
}

TEST_CASE_FIXTURE(Fixture, "an answer waits for a scope that is missing, and others go on") {
  slack.fail("files.getUploadURLExternal", "missing_scope");
  std::string text;
  for (int i = 0; i < 2'000; ++i) {
    text += "This is line " + std::to_string(i) + " of an answer.\n\n";
  }
  CHECK_THROWS_AS(deliver(call(text)), NotSent);
  CHECK_NOTHROW(deliver(call("y", "C2")));
  // Of a file that comes along with words, the words can be said without it.
  auto with_file = call("see there", "C3");
  with_file.post.file = {{}, "a.txt", "a.txt", "content"};
  CHECK_THROWS_AS(deliver(with_file), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a status of a proxy on the way is no word of Slack's on the message") {
  for (const int status : {401, 403, 404, 407}) {
    CAPTURE(status);
    const support::LoopbackServer server({status, "<html>blocked", "text/html", {}, {}});
    const auto behind = make(server.url());
    try {
      behind->deliver(call("x"), pieces, clock.now(), {});
      FAIL("delivered");
    } catch (const NotSent& e) {
      CHECK(e.retry_after == seconds(60));
      CHECK(std::string(e.what()).find(std::to_string(status)) != std::string::npos);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "who may not write where the app is not in the channel is told all the same") {
  slack.take_bot_out_of("C9");
  const auto incoming =
      support::receive(*platform, slack.command("hello", "C9", "U7"), clock.now()).incoming.at(0);
  // As intake posts the code for pairing: the message was not stored, and so its ticket was not.
  auto c = call("I do not know you yet.", "C9");
  c.answers = incoming.own_id();
  deliver(c);
  REQUIRE(slack.shown().size() == 1);
  CHECK(slack.shown()[0].text == "I do not know you yet.");
  support::as<bot::chat::AcknowledgesIncoming>(*platform).on_refused(incoming);
  REQUIRE(slack.wait_until([&] { return slack.shown().size() == 2; }));
  const auto sent = json::parse(slack.calls().back().request.body);
  CHECK(sent.at("response_type") == "ephemeral");
  CHECK(sent.at("replace_original") == false);
  auto to_another = call("not for them", "C9");
  to_another.answers = "T1:command:other";
  CHECK_THROWS_AS(deliver(to_another), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a wrong token is told without showing it") {
  platform = make(slack.url() + "/api", "xoxb-wrong-token-0815");
  try {
    deliver(call("x"));
    FAIL("delivered");
  } catch (const NotSent& e) {
    CHECK(std::string(e.what()).find("xoxb-wrong") == std::string::npos);
    CHECK(std::string(e.what()).find("token") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "an answer that is not Slack's leaves the fate open, no connection does not") {
  CHECK_THROWS_AS(make("http://127.0.0.1:1")->deliver(call("x"), pieces, clock.now(), {}), NotSent);
  for (const char* body :
       {"", "<html>", "[]", "null", "{}", R"({"ok":"true"})", R"({"ok":true})", R"({"ok":true,"ts":7})"}) {
    CAPTURE(std::string(body));
    const support::LoopbackServer server(base::HttpResponse::json(body));
    const auto strange = make(server.url());
    CHECK_THROWS_AS(strange->deliver(call("x"), pieces, clock.now(), {}), base::TransientError);
  }
}

TEST_CASE_FIXTURE(Fixture, "a 429 is obeyed: that channel waits as long as Slack says, others do not") {
  slack.behave({.status = 429, .retry_after = "30"});
  try {
    deliver(call("x", "C1/1.1"));
    FAIL("delivered");
  } catch (const NotSent& e) {
    CHECK(e.retry_after == seconds(30));
  }
  try {
    deliver(call("y", "C1"));
    FAIL("delivered");
  } catch (const RateLimited& e) {
    CHECK(e.until == clock.now() + seconds(30));
  }
  CHECK_NOTHROW(deliver(call("z", "C2")));
  CHECK(calls("chat.postMessage").size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a channel gets three messages at once, and then one a second") {
  const auto begun = clock.now();
  for (int i = 0; i < 6; ++i) {
    deliver_in_pace(call("x", i % 2 == 0 ? "C1" : "C1/1.1"));
  }
  CHECK(clock.now() - begun == seconds(3));
  CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("C2", clock.now()) == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "progress is edited at a pace that leaves room for results") {
  std::vector<store::OutgoingCall> notes;
  for (int i = 0; i < 20; ++i) {
    notes.push_back(call("begun", "C" + std::to_string(i)));
    add_buttons(notes.back(), store::ButtonKind::cancel);
    deliver_in_pace(notes.back());
  }
  const auto begun = clock.now();
  int edits = 0;
  int held = 0;
  for (auto now = begun; now < begun + seconds(60); now += milliseconds(100)) {
    for (auto& note : notes) {
      note.kind = store::CallKind::edit;
      note.post.text = "progress " + std::to_string(++edits);
      try {
        platform->deliver(note, pieces, now, {});
      } catch (const RateLimited&) {
        ++held;
      }
    }
  }
  const auto made = calls("chat.update").size();
  CHECK(made <= 45);
  CHECK(made >= 38);
  CHECK(held > 0);
  // A result is shown although progress has used up its share.
  auto result = notes[0];
  result.post.text = "done";
  result.post.buttons.clear();
  CHECK_NOTHROW(platform->deliver(result, pieces, begun + seconds(62), {}));
}

TEST_CASE_FIXTURE(Fixture, "where the app is not in the channel the ticket answers, as long as it is good") {
  slack.take_bot_out_of("C9");
  auto c = call("the answer", "C9");
  CHECK_THROWS_WITH_AS(deliver(c), doctest::Contains("/invite"), base::PermanentError);
  c.ticket = {slack.url() + "/response/C9", clock.now() + seconds(60)};
  const auto id = deliver(c);
  CHECK_FALSE(id.empty());
  REQUIRE(slack.shown().size() == 1);
  const auto sent = json::parse(slack.calls().back().request.body);
  CHECK(sent.at("response_type") == "ephemeral");
  CHECK(sent.at("replace_original") == false);
  CHECK_FALSE(slack.calls().back().request.headers.get("Authorization"));
  // It cannot be changed: progress is left out, a result is said anew.
  c.kind = store::CallKind::edit;
  c.post.text = "working on it";
  add_buttons(c, store::ButtonKind::cancel);
  deliver(c);
  CHECK(slack.shown().size() == 1);
  c.post.text = "done";
  c.post.buttons.clear();
  deliver(c);
  REQUIRE(slack.shown().size() == 2);
  CHECK(slack.shown()[1].text == "done");
  c.post.text = "done, really";
  c.ticket->expires = clock.now() - seconds(1);
  CHECK_THROWS_AS(deliver(c), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "in a thread the bot is shown to think, elsewhere Slack knows no such thing") {
  using Presence = bot::chat::ShowsTyping::Presence;
  support::as<bot::chat::ShowsTyping>(*platform).show_presence("D1", Presence::thinking);
  support::as<bot::chat::ShowsTyping>(*platform).show_presence("C1/1795363400.000001", Presence::thinking);
  REQUIRE(slack.wait_until([&] { return !calls("assistant.threads.setStatus").empty(); }));
  support::as<bot::chat::ShowsTyping>(*platform).show_presence("C1/1795363400.000001", Presence::idle);
  support::as<bot::chat::ShowsTyping>(*platform).show_presence("D1", Presence::idle);
  CHECK(calls("assistant.threads.setStatus") ==
        std::vector<json>{
            {{"channel_id", "C1"}, {"thread_ts", "1795363400.000001"}, {"status", "is thinking…"}}});
}

TEST_CASE_FIXTURE(Fixture, "behind an address without a path the folder /api is found") {
  for (const auto& url : {slack.url(), slack.url() + "/", slack.url() + "/api", slack.url() + "/api/"}) {
    platform = make(url);
    CHECK_NOTHROW(deliver(call("x")));
  }
  CHECK(slack.shown().size() == 4);
}

}  // namespace

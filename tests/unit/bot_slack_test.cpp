// What Slack is called with: messages, edits, files, what became of them, pace, errors, catch-up, set-up.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "bot/intake.h"
#include "bot/slack.h"
#include "bot/slack_calls.h"
#include "bot/slack_catch_up.h"
#include "bot/slack_setup.h"
#include "config/config_file.h"
#include "store/pieces.h"
#include "tests/support/services_fixture.h"
#include "tests/support/slack_service.h"
#include "tests/support/wait.h"

namespace {

using bot::Incoming;
using bot::NotSent;
using bot::Paced;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::SlackService;

struct Fixture : support::ServicesFixture {
  SlackService slack;
  std::unique_ptr<bot::ChatPlatform> platform = make(slack.url());
  store::Pieces pieces{db};

  Fixture() { clock.set(base::SystemClock().now()); }

  std::unique_ptr<bot::ChatPlatform> make(const std::string& url,
                                          const std::string& token = SlackService::kToken,
                                          const std::string& public_url = {}) const {
    folder.write("token", token);
    folder.write("secret", SlackService::kSecret);
    const auto toml =
        "bot_token = \"file:token\"\nsigning_secret = \"file:secret\"\napi_base_url = \"" + url + "\"\n";
    return bot::make_slack(config::parse_config(toml, "frontdesk.toml", folder.path()),
                           {"svc", {}, {}, public_url});
  }

  /// A message of ours with the row that its pieces need.
  store::OutgoingCall call(const std::string& text, const std::string& chat_id = "D1") {
    store::Outbox outbox(db);
    const auto where = store::Conversations(db).open("svc", chat_id, clock.now());
    const auto message = outbox.post(where, {text}, clock.now());
    store::OutgoingCall made;
    made.key = made.target_key = "msg_" + std::to_string(message.value);
    made.chat_id = chat_id;
    made.conversation = where.id;
    made.message = message;
    made.post.text = text;
    made.created = clock.now();
    return made;
  }
  static void add_buttons(store::OutgoingCall& call, store::ButtonKind kind, int count = 1) {
    for (int i = 0; i < count; ++i) {
      call.post.buttons.push_back({kind, 5, "Label " + std::to_string(i), "b" + std::to_string(i)});
    }
  }
  std::string deliver(const store::OutgoingCall& call) {
    return platform->deliver(call, pieces, clock.now(), {});
  }
  /// Delivers as the worker does: again when the pace allows.
  std::string deliver_in_pace(const store::OutgoingCall& call) {
    while (true) {
      try {
        return deliver(call);
      } catch (const Paced& e) {
        REQUIRE(e.until > clock.now());
        clock.set(e.until);
      }
    }
  }
  std::vector<json> calls(const std::string& method) const { return slack.arguments_of(method); }
};

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

TEST_CASE_FIXTURE(Fixture, "an edit changes the message, and takes its buttons away where it has none") {
  auto c = call("one");
  add_buttons(c, store::ButtonKind::yes);
  const auto id = deliver(c);
  c.kind = store::OutgoingCall::Kind::edit;
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
                  "an edit of a message that somebody took away is no error, one of a foreign message is") {
  auto c = call("one");
  deliver(c);
  c.kind = store::OutgoingCall::Kind::edit;
  c.post.text = "two";
  slack.fail("chat.update", "cant_update_message");
  CHECK_THROWS_WITH_AS(deliver(c), doctest::Contains("cant_update_message"), base::PermanentError);
  slack.fail("chat.update", "message_not_found");
  CHECK_NOTHROW(deliver(c));
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
  c.kind = store::OutgoingCall::Kind::edit;
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

TEST_CASE_FIXTURE(Fixture, "a file whose upload was not confirmed is found by its name and size") {
  auto c = call("x");
  bot::SlackPace pace;
  const bot::SlackWebApi api(slack.url() + "/api", SlackService::kToken);
  const auto calls_to_slack = bot::make_slack_calls(api, pace, c, clock.now(), {});
  bot::Piece piece;
  piece.file = {"report.txt", "0123456789"};
  slack.behave({.status = 500, .accepts = true});
  CHECK_THROWS_AS(calls_to_slack->send(piece, "msg_1.1"), base::TransientError);
  const auto fate = calls_to_slack->fate(piece, "msg_1.1", clock.now());
  CHECK(fate.kind == bot::PieceCalls::Fate::Kind::arrived);
  CHECK(fate.external_id.starts_with("file:F"));
  piece.file->content += "x";
  CHECK(calls_to_slack->fate(piece, "msg_1.1", clock.now() - seconds(10)).kind ==
        bot::PieceCalls::Fate::Kind::absent);
  // Nothing is shown before the last step, so that a failure there can be tried again at once.
  slack.fail("files.getUploadURLExternal", "fatal_error");
  CHECK_THROWS_AS(calls_to_slack->send(piece, "msg_1.1"), NotSent);
}

TEST_CASE_FIXTURE(Fixture, "an error of Slack's says whether to try again, and what to do") {
  struct Row {
    const char *error, *part;
  };
  for (const auto& row :
       {Row{"invalid_auth", "token"}, Row{"not_in_channel", "/invite"}, Row{"channel_not_found", "/invite"},
        Row{"missing_scope", "scope"}, Row{"is_archived", "archive"}, Row{"msg_too_long", "too long"},
        Row{"token_revoked", "install"}, Row{"restricted_action", "admins"},
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

TEST_CASE_FIXTURE(Fixture, "a wrong token is told without showing it") {
  platform = make(slack.url(), "xoxb-wrong-token-0815");
  try {
    deliver(call("x"));
    FAIL("delivered");
  } catch (const base::PermanentError& e) {
    CHECK(std::string(e.what()).find("xoxb-wrong") == std::string::npos);
    CHECK(std::string(e.what()).find("token") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "an answer that is not Slack's leaves the fate open, no connection does not") {
  CHECK_THROWS_AS(make("http://127.0.0.1:1")->deliver(call("x"), pieces, clock.now(), {}), NotSent);
  for (const char* body :
       {"", "<html>", "[]", "null", "{}", R"({"ok":"true"})", R"({"ok":true})", R"({"ok":true,"ts":7})"}) {
    CAPTURE(std::string(body));
    base::HttpServer server({.threads = 2},
                            [&](const base::HttpRequest&) { return base::HttpResponse::json(body); });
    server.start();
    const auto strange = make("http://127.0.0.1:" + std::to_string(server.port()));
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
  } catch (const Paced& e) {
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
  CHECK(platform->ready_at("C2", clock.now()) == clock.now());
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
      note.kind = store::OutgoingCall::Kind::edit;
      note.post.text = "progress " + std::to_string(++edits);
      try {
        platform->deliver(note, pieces, now, {});
      } catch (const Paced&) {
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
  c.kind = store::OutgoingCall::Kind::edit;
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
  using Presence = bot::ChatPlatform::Presence;
  platform->show_presence("D1", Presence::thinking);
  platform->show_presence("C1/1795363400.000001", Presence::thinking);
  REQUIRE(slack.wait_until([&] { return !calls("assistant.threads.setStatus").empty(); }));
  platform->show_presence("C1/1795363400.000001", Presence::idle);
  platform->show_presence("D1", Presence::idle);
  CHECK(calls("assistant.threads.setStatus") ==
        std::vector<json>{
            {{"channel_id", "C1"}, {"thread_ts", "1795363400.000001"}, {"status", "is thinking…"}}});
}

std::string fetched(const bot::ChatPlatform& platform, const std::string& handle,
                    std::uint64_t most = 1'000'000) {
  std::string bytes;
  const_cast<bot::ChatPlatform&>(platform).fetch(handle, most, [&](std::string_view part) { bytes += part; },
                                                 {});
  return bytes;
}

std::string handle(const json& file) {
  return base::dump_json({{"url", file.at("url_private_download")}, {"type", file.at("mimetype")}});
}

TEST_CASE_FIXTURE(Fixture, "a file is fetched with the token, whole, and no larger than asked") {
  for (const std::size_t size : {0, 1, 255, 256, 257, 300'000}) {
    CAPTURE(size);
    const std::string content(size, 'x');
    CHECK(fetched(*platform, handle(slack.keep_file("a.txt", content, "text/plain"))) == content);
  }
  const auto page = slack.keep_file("page.html", "<!DOCTYPE html><p>mine", "text/html");
  CHECK(fetched(*platform, handle(page)) == "<!DOCTYPE html><p>mine");
  CHECK_THROWS_AS(
      fetched(*platform, handle(slack.keep_file("a.txt", std::string(5'000, 'x'), "text/plain")), 4'999),
      base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "Slack's page to log in is not taken for the file") {
  const auto file = slack.keep_file("a.txt", "secret plans", "text/plain");
  const auto stranger = make(slack.url(), "xoxb-of-somebody-else");
  CHECK_THROWS_WITH_AS(fetched(*stranger, handle(file)), doctest::Contains("files:read"),
                       base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "the token goes to Slack's own hosts and to no other") {
  const auto calls_before = slack.calls().size();
  for (const char* url :
       {"https://evil.example/x", "https://slack.com.evil.example/x", "https://evilslack.com/x",
        "http://files.slack.com/x", "https://user@files.slack.com/x", "https://files.slack.com:8443/x",
        "https://127.0.0.1/x", "http://[::1]/x", "file:///etc/passwd", "", "https:\\\\files.slack.com",
        "https://evil.example\\.slack.com/"}) {
    CAPTURE(std::string(url));
    CHECK_THROWS_WITH_AS(fetched(*platform, base::dump_json({{"url", url}})),
                         doctest::Contains("Slack itself"), base::PermanentError);
  }
  for (const char* bad : {"", "x", "[]", "null", "{\"url\":7}"}) {
    CHECK_THROWS_AS(fetched(*platform, bad), base::PermanentError);
  }
  CHECK(slack.calls().size() == calls_before);
}

TEST_CASE_FIXTURE(Fixture, "an address without a path means the folder /api") {
  for (const auto& url : {slack.url(), slack.url() + "/", slack.url() + "/api", slack.url() + "/api/"}) {
    platform = make(url);
    CHECK_NOTHROW(deliver(call("x")));
  }
  CHECK(slack.shown().size() == 4);
}

/// Everything that catching up brought, as Slack's events would have brought it.
struct CatchUpFixture : Fixture {
  bot::Intake intake{services, store::Database(db.path())};
  CatchUpFixture() { allow("svc", bot::Access::Mode::open); }

  void catch_up(std::vector<std::string> chats, base::Timestamp since) {
    int caught = 0;
    const bot::SlackWebApi api(slack.url() + "/api", SlackService::kToken);
    bot::catch_up_with_slack(api,
                             [&](const Incoming& incoming) {
                               intake.take("svc", incoming);
                               ++caught;
                             },
                             {std::move(chats), since}, clock.now(), {});
    found = caught;
  }
  bot::Intake::Taken tell(const json& event, const std::string& id) {
    const auto received = platform->receive(slack.event(event, id), clock.now());
    return received.incoming.empty() ? bot::Intake::Taken{.ignored = true}
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

TEST_CASE_FIXTURE(Fixture, "catching up runs by itself and ends when it is told to") {
  slack.write("D1", "U1", "missed");
  std::atomic<int> found = 0;
  platform->start([&](const Incoming&) { ++found; }, {{"D1"}, clock.now()});
  CHECK(support::wait_until([&] { return found == 1; }));
  platform->stop();
  platform->stop();
  slack.behave(
      {.times = 100, .status = 429, .retry_after = "600", .applies = [](const auto&) { return true; }});
  platform->start([&](const Incoming&) { ++found; }, {{"D1"}, clock.now()});
  CHECK(slack.wait_until([&] { return slack.calls().back().answered == 429; }));
  platform->stop();
  CHECK(found == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "the check tells a wrong token, a missing scope and an address that leads nowhere") {
  using Mark = bot::Finding::Mark;
  using Repair = bot::ChatPlatform::Repair;
  base::HttpServer reachable({.threads = 2}, [](const base::HttpRequest& request) {
    return request.path == "/healthz" ? base::HttpResponse::json("{}") : base::HttpResponse::error(404, "no");
  });
  reachable.start();
  const auto address = "http://127.0.0.1:" + std::to_string(reachable.port());
  const auto check = [&](const std::string& token, const std::string& public_url,
                         Repair repair = Repair::no) {
    return make(slack.url(), token, public_url)->check(repair);
  };
  auto findings = check(SlackService::kToken, address);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].mark == Mark::ok);
  CHECK(findings[1].mark == Mark::ok);
  CHECK(findings[1].detail.find(address + "/webhooks/svc") != std::string::npos);

  slack.set_scopes("chat:write,commands,im:historyx");
  findings = check(SlackService::kToken, address);
  CHECK(findings[0].mark == Mark::failure);
  for (const char* scope : {"app_mentions:read", "channels:history", "im:history", "files:read"}) {
    CHECK(findings[0].detail.find(scope) != std::string::npos);
  }
  CHECK(findings[0].detail.find("chat:write") == std::string::npos);

  findings = check("xoxb-wrong-token-0815", "");
  CHECK(findings[0].mark == Mark::failure);
  CHECK(findings[0].detail.find("token") != std::string::npos);
  CHECK(findings[0].detail.find("0815") == std::string::npos);
  CHECK(findings[1].mark == Mark::failure);
  CHECK(findings[1].detail.find("public_url") != std::string::npos);

  CHECK(check(SlackService::kToken, "http://127.0.0.1:1")[1].mark == Mark::failure);
  CHECK(check(SlackService::kToken, address + "/elsewhere")[1].mark == Mark::failure);
  CHECK(check(SlackService::kToken, address, Repair::yes).back().detail.find("manifest") !=
        std::string::npos);
}

TEST_CASE("the app manifest has this installation's addresses and all that is needed") {
  const auto text = bot::slack_manifest("https://bot.example/", "team");
  const auto manifest = json::parse(text);
  const auto address = "https://bot.example/webhooks/team";
  CHECK(std::count(text.begin(), text.end(), '\n') > 20);
  CHECK(manifest.at("settings").at("event_subscriptions").at("request_url") == address);
  CHECK(manifest.at("settings").at("interactivity") == json{{"is_enabled", true}, {"request_url", address}});
  CHECK(manifest.at("features").at("slash_commands").at(0).at("url") == address);
  CHECK(manifest.at("features").at("slash_commands").at(0).at("command") == "/frontdesk");
  CHECK(manifest.at("settings").at("event_subscriptions").at("bot_events").size() == 5);
  CHECK(manifest.at("oauth_config").at("scopes").at("bot").size() == 9);
  CHECK(manifest.at("features").at("app_home").at("messages_tab_read_only_enabled") == false);
}

}  // namespace

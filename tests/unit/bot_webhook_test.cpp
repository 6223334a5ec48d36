#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bot/platforms/webhook/platform.h"
#include "bot/platforms/webhook/standard_webhooks.h"
#include "config/config_file.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/refusal.h"
#include "tests/support/loopback_server.h"
#include "tests/support/store_fixture.h"

namespace {

using bot::chat::Refused;
using nlohmann::json;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const base::HttpResponse kTaken = base::HttpResponse::json("{}");

struct Fixture : support::StoreFixture {
  bot::webhook::StandardWebhooks signing{{kSecret}};
  std::unique_ptr<bot::chat::Platform> platform = make("http://127.0.0.1:1/");

  std::unique_ptr<bot::chat::Platform> make(const std::string& url,
                                            const std::string& secret = "file:ops.secret") {
    folder.write("ops.secret", std::string(kSecret) + "\n");
    const auto toml = "secret = \"" + secret + "\"\ncallback_url = \"" + url + "\"\n";
    return bot::webhook::platform_type().make(config::parse_config(toml, "frontdesk.toml", folder.path()),
                                              {"ops", "", clock});
  }
  base::HttpRequest signed_call(const std::string& body) const {
    base::HttpRequest request;
    request.method = "POST";
    request.body = body;
    request.headers = signing.sign("msg-1", clock.now(), body);
    return request;
  }
  bot::chat::Received receive(const std::string& body) const {
    return support::receive(*platform, signed_call(body), clock.now());
  }
  /// The status with which the body is refused, 0 if it is taken.
  int refused(const std::string& body) const {
    return support::refused(*platform, signed_call(body), clock.now());
  }
  static json message() {
    return {{"type", "message"}, {"message_id", "m-1"},    {"chat_id", "c-1"},
            {"user_id", "u-1"},  {"user_name", "someone"}, {"text", "Hello"}};
  }
  static std::string with(const char* key, json value) {
    auto m = message();
    m[key] = std::move(value);
    return m.dump();
  }
  static store::OutgoingCall call() {
    store::OutgoingCall c;
    c.key = "msg_0123456789";
    c.chat_id = "c-1";
    c.post.text = "Shall I?";
    return c;
  }
  std::string deliver(const store::OutgoingCall& call, std::stop_token stop = {}) {
    store::MessageParts pieces(db);
    return platform->deliver(call, pieces, clock.now(), std::move(stop));
  }
};

TEST_CASE_FIXTURE(Fixture, "a signed message is read") {
  const auto received = receive(message().dump());
  REQUIRE(received.incoming.size() == 1);
  const auto& m = received.incoming[0];
  CHECK(m.external_id == "m-1");
  CHECK(m.chat_id == "c-1");
  CHECK(m.user_id == "u-1");
  CHECK(m.user_name == "someone");
  CHECK(m.text == "Hello");
  CHECK_FALSE(m.button);
  CHECK(received.response.status == 200);
}

TEST_CASE_FIXTURE(Fixture, "a signed action is read") {
  const auto received =
      receive(R"({"type":"action","message_id":"m-2","chat_id":"c-1","user_id":"u-1","action_id":"b0123"})");
  REQUIRE(received.incoming.size() == 1);
  CHECK(received.incoming[0].button == "b0123");
  CHECK(received.incoming[0].text.empty());
}

TEST_CASE_FIXTURE(Fixture, "a signed edit is read") {
  const auto received = receive(
      R"({"type":"edit","message_id":"m-3","target":"m-1","chat_id":"c-1","user_id":"u-1","text":"Hello, Bob"})");
  REQUIRE(received.incoming.size() == 1);
  const auto& m = received.incoming[0];
  CHECK(m.kind == bot::chat::IncomingMessage::Kind::edit);
  CHECK(m.external_id == "m-3");
  CHECK(m.own_id() == "m-1");
  CHECK(m.text == "Hello, Bob");
  for (const char* key : {"target", "text", "chat_id", "user_id"}) {
    auto edit = json::parse(
        R"({"type":"edit","message_id":"m-3","target":"m-1","chat_id":"c-1","user_id":"u-1","text":"Hello"})");
    edit[key] = " ";
    CHECK(refused(edit.dump()) == 400);
    edit.erase(key);
    CHECK(refused(edit.dump()) == 400);
  }
}

TEST_CASE_FIXTURE(Fixture, "a signed reaction is read") {
  const auto reaction = [](const json& emoji) {
    return json{{"type", "reaction"}, {"message_id", "m-4"}, {"target", "msg_1"},
                {"chat_id", "c-1"},   {"user_id", "u-1"},    {"emoji", emoji}}
        .dump();
  };
  for (const auto* emoji : {"👍", "👎🏽", "❤️", "👩‍💻", "thumbsup"}) {
    CAPTURE(std::string(emoji));
    const auto received = receive(reaction(emoji));
    REQUIRE(received.incoming.size() == 1);
    const auto& m = received.incoming[0];
    CHECK(m.kind == bot::chat::IncomingMessage::Kind::reaction);
    CHECK(m.own_id() == "msg_1");
    CHECK(m.external_id == "m-4");
    REQUIRE(m.reaction);
    CHECK(m.reaction->emoji == emoji);
    CHECK(m.reaction->change == bot::chat::Reaction::Change::added);
    CHECK(received.response.status == 200);
  }
  for (const json& emoji : {json(""), json(nullptr), json(1), json(std::string(65, 'x')), json("\n")}) {
    CHECK(refused(reaction(emoji)) == 400);
  }
  CHECK(refused(R"({"type":"reaction","message_id":"m","chat_id":"c","user_id":"u","emoji":"👍"})") == 400);
}

TEST_CASE_FIXTURE(Fixture, "a wrong signature is refused with 401 before the body is read") {
  base::HttpRequest request;
  request.method = "POST";
  request.body = "not JSON";
  try {
    support::receive(*platform, request, clock.now());
    FAIL("taken");
  } catch (const Refused& e) {
    CHECK(e.status == 401);
  }
  request.body = message().dump();
  request.headers = signing.sign("msg-1", clock.now(), request.body);
  clock.advance(std::chrono::minutes(6));
  CHECK_THROWS_AS(support::receive(*platform, request, clock.now()), Refused);
}

TEST_CASE_FIXTURE(Fixture, "a body that is no JSON object is refused with 400") {
  for (const auto& body :
       {std::string(), std::string("hello"), std::string("[]"), std::string("null"), std::string("\"text\""),
        std::string("{"), message().dump() + "x", std::string("{}"), std::string(100'000, '['),
        std::string("{\"a\":") + std::string(100'000, '{')}) {
    CHECK(refused(body) == 400);
  }
}

TEST_CASE_FIXTURE(Fixture, "a form is refused with 415, whatever stands in it") {
  auto form = signed_call(message().dump());
  form.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  CHECK(support::refused(*platform, form, clock.now()) == 415);
  auto plain = signed_call(message().dump());
  plain.headers.add("Content-Type", "application/json");
  CHECK(support::refused(*platform, plain, clock.now()) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a missing, empty or wrong member is refused with 400") {
  for (const char* key : {"type", "message_id", "chat_id", "user_id", "text"}) {
    CAPTURE(std::string(key));
    auto without = message();
    without.erase(key);
    CHECK(refused(without.dump()) == 400);
    for (const json& value :
         {json(""), json("  \n"), json(nullptr), json(7), json(true), json::array(), json::object()}) {
      CHECK(refused(with(key, value)) == 400);
    }
  }
  CHECK(refused(with("type", "delete")) == 400);
  CHECK(refused(with("type", "Message")) == 400);
  CHECK(refused(with("type", "action")) == 400);  // without action_id
  CHECK(refused(with("chat_id", std::string(257, 'c'))) == 400);
  CHECK(refused(with("chat_id", std::string(256, 'c'))) == 0);
}

TEST_CASE_FIXTURE(
    Fixture, "text that is not UTF-8 is refused with 400, and half a character in an escape is replaced") {
  const auto raw = [](const std::string& text) {
    return R"({"type":"message","message_id":"m-1","chat_id":"c-1","user_id":"u-1","text":")" + text + "\"}";
  };
  CHECK(refused(raw("ok")) == 0);
  for (const char* text : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\\ud800\xff", "\\uZZZZ"}) {
    CAPTURE(std::string(text));
    CHECK(refused(raw(text)) == 400);
  }
  CHECK(receive(raw("\\ud83d\\ude00")).incoming[0].text == "😀");
  CHECK(receive(raw("\\ud800\\u0041")).incoming[0].text == "\uFFFDA");
  CHECK(receive(raw("\\udc00 x")).incoming[0].text == "\uFFFD x");
}

TEST_CASE_FIXTURE(Fixture, "characters that no chat shows are dropped from a text, and nothing else") {
  CHECK(receive(with("text", std::string("a\0b\x01\x7f\r\nc\td", 10))).incoming[0].text == "ab\nc\td");
  CHECK(refused(with("text", std::string("\0\x01", 2))) == 400);
  CHECK(receive(with("text", "  Größe 日本語 👍 <b>\n")).incoming[0].text == "  Größe 日本語 👍 <b>\n");
}

TEST_CASE_FIXTURE(Fixture, "a text of 100 kB is taken whole, a name is optional and cut") {
  CHECK(receive(with("text", std::string(100'000, 'x'))).incoming[0].text.size() == 100'000);
  auto nameless = message();
  nameless.erase("user_name");
  CHECK(receive(nameless.dump()).incoming[0].user_name.empty());
  CHECK(receive(with("user_name", 7)).incoming[0].user_name.empty());
  CHECK(receive(with("user_name", std::string(10'000, 'n'))).incoming[0].user_name.size() <= 256);
  CHECK(receive(with("user_name", "Bob\nAda: yes")).incoming[0].user_name.find('\n') == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "unknown members do no harm, so that senders can grow") {
  CHECK(refused(with("news", {{"a", 1}})) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a message is delivered to the letter of the contract, and signed") {
  support::LoopbackServer callback(kTaken);
  platform = make(callback.url() + "/frontdesk");
  auto c = call();
  c.post.buttons = {{store::ButtonKind::yes, 5, "Yes", "b1"}, {store::ButtonKind::no, 5, "No", "b2"}};
  c.post.reply_to = "m-1";
  c.post.dispatch = store::DispatchId{17};
  deliver(c);
  const auto requests = callback.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].path == "/frontdesk");
  CHECK(requests[0].headers.get("content-type").value_or("").starts_with("application/json"));
  CHECK(requests[0].headers.get("webhook-id") == c.key);
  CHECK_FALSE(signing.problem(requests[0], clock.now()));
  CHECK(json::parse(requests[0].body) ==
        json::parse(R"({"type":"message","chat_id":"c-1","text":"Shall I?","reply_to":"m-1",
                        "actions":[{"id":"b1","label":"Yes","kind":"yes"},{"id":"b2","label":"No","kind":"no"}],"dispatch_id":"d-17"})"));
}

TEST_CASE_FIXTURE(Fixture, "a plain message has an empty list of actions and no empty members") {
  support::LoopbackServer callback(kTaken);
  platform = make(callback.url() + "/frontdesk");
  deliver(call());
  CHECK(json::parse(callback.requests().at(0).body) ==
        json::parse(R"({"type":"message","chat_id":"c-1","text":"Shall I?","actions":[]})"));
}

TEST_CASE_FIXTURE(Fixture, "an edit is delivered to the letter of the contract") {
  support::LoopbackServer callback(kTaken);
  platform = make(callback.url() + "/frontdesk");
  auto c = call();
  c.kind = store::CallKind::edit;
  c.target_key = "msg_first";
  c.post.dispatch = store::DispatchId{17};
  deliver(c);
  CHECK(
      json::parse(callback.requests().at(0).body) ==
      json::parse(R"({"type":"edit","chat_id":"c-1","target":"msg_first","text":"Shall I?","actions":[]})"));
}

TEST_CASE_FIXTURE(Fixture,
                  "the callback's status says whether it was delivered, may be later, or never will be") {
  for (const int status : {200, 201, 204}) {
    CAPTURE(status);
    support::LoopbackServer callback({status, "", "application/json", {}, {}});
    platform = make(callback.url() + "/frontdesk");
    CHECK_NOTHROW(deliver(call()));
  }
  for (const int status : {408, 429, 500, 502, 503, 599}) {
    CAPTURE(status);
    support::LoopbackServer callback(base::HttpResponse::error(status, "later"));
    platform = make(callback.url() + "/frontdesk");
    CHECK_THROWS_AS(deliver(call()), base::TransientError);
  }
  for (const int status : {400, 401, 403, 404, 410, 413, 422}) {
    CAPTURE(status);
    support::LoopbackServer callback(base::HttpResponse::error(status, "never"));
    platform = make(callback.url() + "/frontdesk");
    CHECK_THROWS_AS(deliver(call()), base::PermanentError);
  }
}

TEST_CASE_FIXTURE(Fixture, "a callback can say how long to wait") {
  auto response = base::HttpResponse::error(429, "slowly");
  response.headers.add("Retry-After", "120");
  support::LoopbackServer callback(response);
  platform = make(callback.url() + "/frontdesk");
  try {
    deliver(call());
    FAIL("delivered");
  } catch (const base::TransientError& e) {
    CHECK(e.retry_after == std::chrono::milliseconds(120'000));
  }
}

TEST_CASE_FIXTURE(Fixture, "a callback that cannot be reached may be reached later") {
  CHECK_THROWS_AS(deliver(call()), base::TransientError);  // nobody listens on port 1
}

TEST_CASE_FIXTURE(Fixture, "a delivery ends when the program stops") {
  std::stop_source source;
  source.request_stop();
  support::LoopbackServer callback(kTaken);
  platform = make(callback.url() + "/frontdesk");
  CHECK_THROWS_AS(deliver(call(), source.get_token()), base::Stopped);
}

TEST_CASE_FIXTURE(Fixture, "words of others come as quotations, whatever they say") {
  auto m = message();
  m["text"] = "what is this?";
  m["quoted"] = json::array({{{"kind", "forward"}, {"author", "Boris\nX"}, {"text", "/dispatch it\x01"}},
                             {{"kind", "reply"}, {"text", "a"}},
                             {{"kind", "quote"}, {"text", " "}},
                             {{"kind", "shared"}, {"author", nullptr}, {"text", "b"}}});
  auto taken = receive(m.dump()).incoming.at(0);
  CHECK(taken.text == "what is this?");
  REQUIRE(taken.quotations.size() == 3);
  CHECK(taken.quotations[0].kind == bot::chat::QuotationKind::forward);
  CHECK(taken.quotations[0].author == "Boris X");
  CHECK(taken.quotations[0].text == "/dispatch it");
  CHECK(taken.quotations[2].kind == bot::chat::QuotationKind::shared);
  for (const auto& q : taken.quotations) {
    CHECK(q.words_of == bot::chat::WordsOf::others);
  }
  m["text"] = "";  // only passed on
  CHECK(receive(m.dump()).incoming.at(0).text.empty());
  m.erase("text");
  CHECK(receive(m.dump()).incoming.at(0).quotations.size() == 3);
  CHECK(receive(with("quoted", nullptr)).incoming.at(0).quotations.empty());
  CHECK(receive(with("quoted", json::array())).incoming.at(0).quotations.empty());
}

TEST_CASE_FIXTURE(Fixture, "a message may say which of ours it replies to") {
  CHECK(receive(message().dump()).incoming.at(0).reply_to.empty());
  CHECK(receive(with("reply_to", "1-abc")).incoming.at(0).reply_to == "1-abc");
  CHECK(refused(with("reply_to", 7)) == 400);
}

TEST_CASE_FIXTURE(Fixture, "quotations of another form are refused") {
  const json text = {{"kind", "forward"}, {"text", "a"}};
  CHECK(refused(with("quoted", json::array({text}))) == 0);
  for (const auto& wrong :
       {json("text"), text, json::array({"text"}), json::array({{{"kind", "forward"}}}),
        json::array({{{"text", "a"}}}), json::array({{{"kind", "thread"}, {"text", "a"}}}),
        json::array({{{"kind", 7}, {"text", "a"}}}), json(std::vector<json>(51, text))}) {
    CHECK(refused(with("quoted", wrong)) == 400);
  }
  auto empty = message();
  empty["text"] = " ";
  empty["quoted"] = json::array({{{"kind", "forward"}, {"text", " "}}});
  CHECK(refused(empty.dump()) == 400);
}

TEST_CASE_FIXTURE(Fixture, "a section that cannot work is refused with the key") {
  CHECK_THROWS_WITH_AS(make("ftp://x/"), doctest::Contains("callback_url"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make(""), doctest::Contains("callback_url"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make("http://ann:word@x/"), doctest::Contains("callback_url"), base::ConfigError);
  CHECK_THROWS_WITH_AS(make("http://x/", kSecret), doctest::Contains("secret"), base::ConfigError);
  folder.write("short.secret", "whsec_MfKQ");
  CHECK_THROWS_WITH_AS(make("http://x/", "file:short.secret"), doctest::Contains("whsec_"),
                       base::ConfigError);
}

}  // namespace

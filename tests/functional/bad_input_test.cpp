// Calls that are refused: the right status, one sentence, nothing stored.
#include <ctime>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/program/desk.h"

using support::Desk;
using support::sign;

namespace {

const std::string kSecret = Desk::kSecret;
const std::string kWrongSecret = "whsec_YW5vdGhlciBzZWNyZXQgZm9yIHRoZSB0ZXN0cyE=";

void check_refused(const base::HttpResponse& response, int status) {
  INFO(response.body);
  CHECK(response.status == status);
  CHECK(response.content_type == "application/json");
  const auto body = base::parse_json(response.body);
  REQUIRE(body);
  CHECK(body->size() == 1);
  const auto sentence = base::json_string(*body, "error").value_or("");
  CHECK(sentence.ends_with('.'));
  CHECK(sentence.find("exception") == std::string::npos);
  CHECK(sentence.find("what()") == std::string::npos);
}

/// After each test nothing is stored but what was told to be.
void check_nothing_stored(const Desk& desk) {
  for (const char* table : {"messages", "inbound_ids", "people", "conversations", "jobs", "outbox"}) {
    INFO(table);
    CHECK(desk.query(std::string("SELECT count(*) FROM ") + table) == "0");
  }
  CHECK(desk.model.requests().empty());
  CHECK(desk.callbacks.calls().empty());
}

}  // namespace

TEST_CASE("a call whose body is said to be no JSON is refused with 415, also where it is signed") {
  Desk desk;
  desk.start();
  const auto body = Desk::message_body({"hello", "c-1", "u-1", "m-1"});
  const auto post = [&](const std::string& type) {
    auto headers = sign(kSecret, "in-1", body);
    headers.add("Content-Type", type);
    return desk.call("POST", "/webhooks/ops", body, headers);
  };
  for (const auto* type : {"text/plain", "application/xml", "multipart/form-data; boundary=x", "text/html"}) {
    CAPTURE(type);
    check_refused(post(type), 415);
  }
  check_nothing_stored(desk);
  CHECK(post("Application/JSON; charset=utf-8").status == 200);
}

TEST_CASE("a call that is not signed as it must be is refused with 401") {
  Desk desk;
  desk.start();
  const auto body = Desk::message_body({"hello", "c-1", "u-1", "m-1"});
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  const auto post = [&](const base::HttpFields& headers) {
    return desk.call("POST", "/webhooks/ops", body, headers);
  };

  check_refused(post({}), 401);
  check_refused(post(sign(kWrongSecret, "in-1", body)), 401);
  check_refused(post(sign(kSecret, "in-1", body + " ")), 401);
  check_refused(post(sign(kSecret, "in-1", body, now - 360)), 401);
  check_refused(post(sign(kSecret, "in-1", body, now + 360)), 401);
  auto headers = sign(kSecret, "in-1", body);
  check_refused(post({{"webhook-timestamp", *headers.get("webhook-timestamp")},
                      {"webhook-signature", *headers.get("webhook-signature")}}),
                401);
  check_refused(post({{"webhook-id", "in-1"}, {"webhook-signature", *headers.get("webhook-signature")}}),
                401);
  check_refused(post({{"webhook-id", "in-1"}, {"webhook-timestamp", *headers.get("webhook-timestamp")}}),
                401);
  check_refused(post({{"webhook-id", "in-2"},
                      {"webhook-timestamp", *headers.get("webhook-timestamp")},
                      {"webhook-signature", *headers.get("webhook-signature")}}),
                401);
  check_refused(post({{"webhook-id", "in-1"},
                      {"webhook-timestamp", "yesterday"},
                      {"webhook-signature", *headers.get("webhook-signature")}}),
                401);
  check_nothing_stored(desk);
}

TEST_CASE("a signature within five minutes, or one of several, is good") {
  Desk desk;
  desk.start();
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  const auto first = Desk::message_body({"hello", "c-1", "u-1", "m-1"});
  CHECK(desk.call("POST", "/webhooks/ops", first, sign(kSecret, "in-1", first, now - 280)).status == 200);
  const auto second = Desk::message_body({"hello", "c-1", "u-2", "m-2"});
  const auto timestamp = std::to_string(now);
  const auto response = desk.call(
      "POST", "/webhooks/ops", second,
      {{"webhook-id", "in-2"},
       {"webhook-timestamp", timestamp},
       {"webhook-signature", support::webhook_signature(kWrongSecret, "in-2", timestamp, second) + " " +
                                 support::webhook_signature(kSecret, "in-2", timestamp, second)}});
  CHECK(response.status == 200);
  desk.answer_to("m-1");
  desk.answer_to("m-2");
}

TEST_CASE("a signed body that is no message is refused with 400") {
  Desk desk;
  desk.start();
  for (const auto& body : std::vector<std::string>{
           "",
           "not json",
           "[1]",
           "\"text\"",
           R"({"type":"message"})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u"})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u","text":""})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u","text":" \n\t "})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u","text":"\u0001\u0002"})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u","text":7})",
           R"({"type":"message","message_id":7,"chat_id":"c","user_id":"u","text":"x"})",
           R"({"type":"message","message_id":"","chat_id":"c","user_id":"u","text":"x"})",
           R"({"type":"message","message_id":"m","chat_id":null,"user_id":"u","text":"x"})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":["u"],"text":"x"})",
           R"({"type":"action","message_id":"m","chat_id":"c","user_id":"u"})",
           R"({"type":"dance","message_id":"m","chat_id":"c","user_id":"u","text":"x"})",
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u","text":")" +
               std::string("\xff\xfe\"}"),
           R"({"type":"message","message_id":"m","chat_id":"c","user_id":"u","text":")" +
               std::string("\xed\xa0\x80\"}"),
       }) {
    INFO(body);
    check_refused(desk.post(body), 400);
  }
  check_refused(desk.post(std::string(5000, '[') + std::string(5000, ']')), 400);
  check_refused(desk.post(Desk::message_body({"x", "c-1", "u-1", std::string(300, 'm')})), 400);
  check_nothing_stored(desk);
}

TEST_CASE("too large, wrong method and unknown chat are refused") {
  Desk desk;
  desk.start();
  check_refused(desk.post(Desk::message_body({std::string(1'100'000, 'x'), "c-1", "u-1", "m-1"})), 413);
  const auto metrics = desk.call("GET", "/metrics").body;
  CHECK(metrics.find("frontdesk_webhooks_refused_total{section=\"ops\",status=\"413\"} 1") !=
        std::string::npos);
  check_refused(desk.call("GET", "/webhooks/ops"), 405);
  check_refused(desk.call("PUT", "/webhooks/ops", "{}"), 405);
  check_refused(desk.call("POST", "/webhooks/nobody", "{}"), 404);
  check_refused(desk.call("POST", "/webhooks/", "{}"), 404);
  check_refused(desk.call("GET", "/nothing/here"), 404);
  check_refused(desk.call("POST", "/healthz", "{}"), 405);
  check_nothing_stored(desk);
}

TEST_CASE("a person who is not on the list is told so once, and nothing of theirs is stored or answered") {
  Desk desk;
  desk.config.set("chat.ops", "access", "\"allowlist\"").set("chat.ops", "allow", R"(["u-1"])");
  desk.start();
  const auto refused = desk.answer_to(desk.say({"let me in", "c-1", "u-2"}));
  CHECK(refused.text.find("not on the list") != std::string::npos);
  desk.say({"let me in again", "c-1", "u-2"});
  CHECK(desk.answer_to(desk.say({"hello", "c-1", "u-1"})).text == "Answer to: hello");
  CHECK(desk.callbacks.calls().size() == 2);
  CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "1");
  CHECK_FALSE(desk.model.saw("let me in"));
}

TEST_CASE("odd but valid text is taken as it is") {
  Desk desk;
  desk.model.secretary("odd", {support::say("Fine.")});
  desk.start();
  const auto id =
      desk.say({"odd \xf0\x9f\x98\x80 '; DROP TABLE messages; -- <script>alert(1)</script> \xe2\x80\xae"});
  CHECK(desk.answer_to(id).text == "Fine.");
  CHECK(desk.model.saw("DROP TABLE"));
}

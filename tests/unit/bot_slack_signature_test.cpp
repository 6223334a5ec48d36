// Which requests are Slack's.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/platforms/slack/signature.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/refusal.h"
#include "tests/support/chat_services/slack_events_fixture.h"

namespace {

using bot::chat::IncomingMessage;
using bot::chat::Refused;
using support::SlackService;
using Fixture = support::SlackEventsFixture;

constexpr const char* kForm = "application/x-www-form-urlencoded";

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
  request.method = "POST";
  request.body = kPublishedBody;
  request.headers = {{"Content-Type", kForm},
                     {"X-Slack-Request-Timestamp", kPublishedTime},
                     {"X-Slack-Signature", kPublishedSignature}};
  return request;
}

TEST_CASE_FIXTURE(Fixture, "the request that Slack's documentation publishes is taken") {
  CHECK(bot::slack::signature_of(SlackService::kSecret, kPublishedTime, kPublishedBody) ==
        kPublishedSignature);
  const auto received = support::receive(*platform, published(), base::from_unix_ms(1'531'420'618'000));
  REQUIRE(received.incoming.size() == 1);
  const auto& m = received.incoming[0];
  CHECK(m.text == "/help");
  CHECK(m.chat_id == "G8PSS9T3V");
  CHECK(m.user_id == "U2CERLKJA");
  CHECK(m.user_name == "roadrunner");
  CHECK(m.external_id == "T1DC2JH3J:command:398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c");
  CHECK(m.ticket == "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN");
  CHECK(m.ticket_life == std::chrono::minutes(30));
  CHECK(m.place == IncomingMessage::Place::group);
}

TEST_CASE_FIXTURE(Fixture, "a request of Slack's is good for five minutes in either direction") {
  const auto signed_at = base::from_unix_ms(1'531'420'618'000);
  for (const int seconds : {-300, -299, 0, 299, 300}) {
    CAPTURE(seconds);
    CHECK_NOTHROW(support::receive(*platform, published(), signed_at + std::chrono::seconds(seconds)));
  }
  for (const int seconds : {-100'000, -301, 301, 100'000}) {
    CAPTURE(seconds);
    CHECK_THROWS_AS(support::receive(*platform, published(), signed_at + std::chrono::seconds(seconds)),
                    Refused);
  }
}

TEST_CASE_FIXTURE(Fixture, "while Slack's signing secret is being changed, both are good") {
  const auto at = base::from_unix_ms(1'531'420'618'000);
  const std::string published_secret = SlackService::kSecret;
  CHECK_FALSE(bot::slack::signature_problem(published(), {"the-new-one", published_secret}, at));
  CHECK_FALSE(bot::slack::signature_problem(published(), {published_secret, "the-old-one"}, at));
  CHECK(bot::slack::signature_problem(published(), {"the-new-one"}, at));
}

struct Row {
  std::string body, time, signature;
};

/// The published request with one thing changed.
std::vector<Row> changed_requests() {
  const std::string signature = kPublishedSignature;
  const std::string body = kPublishedBody;
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
  return rows;
}

TEST_CASE_FIXTURE(Fixture, "a request with anything changed is refused with 401, whatever it holds") {
  const auto now = base::from_unix_ms(1'531'420'618'000);
  for (const auto& row : changed_requests()) {
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
    CHECK(support::refused(*platform, request, now) == 401);
  }
}

}  // namespace

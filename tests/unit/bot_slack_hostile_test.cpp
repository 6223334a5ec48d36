// What is no call of Slack's, or one that somebody has bent.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/form.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/slack/events.h"
#include "tests/support/chat_services/slack_events_fixture.h"

namespace {

using bot::chat::Refused;
using nlohmann::json;
using Fixture = support::SlackEventsFixture;

constexpr const char* kForm = "application/x-www-form-urlencoded";

TEST_CASE_FIXTURE(Fixture, "what is no call of Slack's is refused with 400, though it is signed") {
  for (const auto& body : {std::string(), std::string("hello"), std::string("[]"), std::string("null"),
                           std::string("{"), std::string("{}"), std::string("\"x\""),
                           std::string(R"({"type":7})"), std::string("{\"type\":\"\xff\"}"),
                           std::string(100'000, '['), "{\"a\":" + std::string(100'000, '{')}) {
    CHECK(refused(body) == 400);
  }
  for (const auto& body :
       {std::string(), std::string("x=y"), std::string("payload=x"), std::string("payload=%7B"),
        std::string("payload=[]"), std::string("command=%2Ff"), std::string("command=%2Ff&user_id=U1"),
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
  replace_each(clicked, [&] { survive("payload=" + base::url_encode(clicked.dump()), kForm); });
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
  CHECK_THROWS_WITH_AS(bot::slack::platform_type().make(
                           config::parse_config(toml, "frontdesk.toml", folder.path()), {"svc", "", clock}),
                       doctest::Contains("signing_secret"), base::ConfigError);
}

}  // namespace

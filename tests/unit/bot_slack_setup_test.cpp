// What the doctor says of Slack, and the manifest of the app.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/platforms/slack/setup.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/slack_fixture.h"
#include "tests/support/loopback_server.h"

namespace {

using nlohmann::json;
using support::SlackService;
using Fixture = support::SlackFixture;

TEST_CASE_FIXTURE(Fixture,
                  "the check tells a wrong token, a missing scope and an address that leads nowhere") {
  using Mark = bot::chat::CheckResult::Mark;
  using Repair = bot::chat::Repair;
  const support::LoopbackServer reachable([](const base::HttpRequest& request) {
    return request.path == "/healthz" ? base::HttpResponse::json(R"({"status":"ok"})")
                                      : base::HttpResponse::error(404, "no");
  });
  const auto address = reachable.url();
  const auto check = [&](const std::string& token, const std::string& public_url,
                         Repair repair = Repair::no) {
    return support::as<bot::chat::ChecksSetup>(*make(slack.url() + "/api", token, public_url)).check(repair);
  };
  auto results = check(SlackService::kToken, address);
  REQUIRE(results.size() == 2);
  CHECK(results[0].mark == Mark::ok);
  CHECK(results[1].mark == Mark::ok);
  CHECK(results[1].detail.find(address + "/webhooks/svc") != std::string::npos);

  slack.set_scopes("chat:write,commands,im:historyx");
  results = check(SlackService::kToken, address);
  CHECK(results[0].mark == Mark::failure);
  for (const char* scope : {"app_mentions:read", "channels:history", "im:history", "files:read"}) {
    CHECK(results[0].detail.find(scope) != std::string::npos);
  }
  CHECK(results[0].detail.find("chat:write") == std::string::npos);

  std::string nameless = SlackService::kScopes;
  slack.set_scopes(nameless.substr(0, nameless.find(",users:read")));
  results = check(SlackService::kToken, address);
  CHECK(results[0].mark == Mark::warning);
  CHECK(results[0].detail.find("users:read") != std::string::npos);

  results = check("xoxb-wrong-token-0815", "");
  CHECK(results[0].mark == Mark::failure);
  CHECK(results[0].detail.find("token") != std::string::npos);
  CHECK(results[0].detail.find("0815") == std::string::npos);
  CHECK(results[1].mark == Mark::failure);
  CHECK(results[1].detail.find("public_url") != std::string::npos);

  CHECK(check(SlackService::kToken, "http://127.0.0.1:1")[1].mark == Mark::failure);
  CHECK(check(SlackService::kToken, address + "/elsewhere")[1].mark == Mark::failure);
  CHECK(results.back().detail.find("manifest") != std::string::npos);
  slack.set_scopes(SlackService::kScopes);
  CHECK(check(SlackService::kToken, address).size() == 2);
  CHECK(check(SlackService::kToken, address, Repair::yes).size() == 3);
}

TEST_CASE("the app manifest has this installation's addresses and all that is needed") {
  const auto text = bot::slack::manifest("https://bot.example/", "team");
  const auto manifest = json::parse(text);
  const auto address = "https://bot.example/webhooks/team";
  CHECK(std::count(text.begin(), text.end(), '\n') > 20);
  CHECK(manifest.at("settings").at("event_subscriptions").at("request_url") == address);
  CHECK(manifest.at("settings").at("interactivity") == json{{"is_enabled", true}, {"request_url", address}});
  CHECK(manifest.at("features").at("slash_commands").at(0).at("url") == address);
  CHECK(manifest.at("features").at("slash_commands").at(0).at("command") == "/frontdesk");
  CHECK(manifest.at("settings").at("event_subscriptions").at("bot_events").size() == 7);
  CHECK(manifest.at("oauth_config").at("scopes").at("bot").size() == 11);
  CHECK(manifest.at("features").at("app_home").at("messages_tab_read_only_enabled") == false);
}

}  // namespace

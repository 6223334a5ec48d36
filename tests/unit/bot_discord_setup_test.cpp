// What `frontdesk doctor` finds out about Discord.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bot/chat/commands.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/discord_fixture.h"
#include "tests/support/loopback_server.h"

namespace {

using bot::chat::CheckResult;
using nlohmann::json;
using support::DiscordService;

struct Setup : support::DiscordFixture {
  Setup()
      : public_server([](const base::HttpRequest& request) {
          return request.path == "/healthz" ? base::HttpResponse::json(R"({"status":"ok"})")
                                            : base::HttpResponse::error(404, request.path);
        }) {
    use(DiscordService::kBotToken, "");
  }
  std::string public_url() const { return public_server.url(); }
  void use(const std::string& token, const std::string& more) { platform = make(token, more, public_url()); }
  std::vector<std::string> failures(bot::chat::Repair repair = bot::chat::Repair::no) {
    std::vector<std::string> texts;
    for (const auto& result : support::as<bot::chat::ChecksSetup>(*platform).check(repair)) {
      CHECK(result.detail.find(DiscordService::kBotToken) == std::string::npos);
      if (result.mark == CheckResult::Mark::failure) {
        texts.push_back(result.detail);
      }
    }
    return texts;
  }
  support::LoopbackServer public_server;
};

bool has(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

TEST_CASE_FIXTURE(Setup, "Discord: doctor says what is not set up, sets it up, and finds it well then") {
  const auto before = failures();
  CHECK(before.size() == 2);
  CHECK(has(before, "Interactions Endpoint URL"));
  CHECK(has(before, "commands are not registered"));
  CHECK(service.commands().empty());
  CHECK(failures(bot::chat::Repair::yes).empty());
  CHECK(service.application()["interactions_endpoint_url"] == public_url() + "/webhooks/svc");
  for (const auto& command : service.commands()) {
    for (const auto& option : command.value("options", nlohmann::json::array())) {
      // https://docs.discord.com/developers/interactions/application-commands: names are one word.
      CHECK(option["name"].get<std::string>().find_first_not_of("abcdefghijklmnopqrstuvwxyz-_") ==
            std::string::npos);
    }
  }
  const auto count = bot::chat::command_usages().size();
  CHECK(service.commands().size() == count + 2);  // and /ask, and the command below a message
  CHECK(failures().empty());
}

TEST_CASE_FIXTURE(Setup, "Discord: doctor names a wrong token, key or application") {
  use("another-token", "");
  CHECK(has(failures(), "wrong bot_token"));
  CHECK(failures().size() == 1);
  use(DiscordService::kBotToken, "");
  service.set_application("verify_key", std::string(64, '0'));
  CHECK(has(failures(), "public_key"));
  service.set_application("id", "7");
  CHECK(has(failures(), "application_id"));
}

TEST_CASE_FIXTURE(Setup,
                  "Discord: doctor tells a public address that does not lead here, or that is not set") {
  platform = make(DiscordService::kBotToken, "", "http://127.0.0.1:1");
  CHECK(has(failures(), "does not lead to this program"));
  platform = make(DiscordService::kBotToken, "", public_url() + "/elsewhere");
  CHECK(has(failures(), "404"));
  platform = make(DiscordService::kBotToken, "", "");
  CHECK_FALSE(has(failures(), "Endpoint"));
  CHECK(has(failures(), "public_url is not set"));
}

TEST_CASE_FIXTURE(Setup, "Discord: doctor only warns where Discord does not tell the public key") {
  failures(bot::chat::Repair::yes);
  service.set_application("verify_key", nullptr);
  CHECK(failures().empty());
  const auto results = support::as<bot::chat::ChecksSetup>(*platform).check(bot::chat::Repair::no);
  CHECK(std::any_of(results.begin(), results.end(), [](const CheckResult& result) {
    return result.mark == CheckResult::Mark::warning && result.detail.find("public_key") != std::string::npos;
  }));
}

TEST_CASE_FIXTURE(Setup, "Discord: commands can be registered in one server, and a wrong one is told") {
  use(DiscordService::kBotToken, std::string("guild_id = \"") + DiscordService::kGuild + "\"\n");
  CHECK(failures(bot::chat::Repair::yes).empty());
  CHECK(calls("PUT", "/guilds/900000000000000009/commands").size() == 1);
  use(DiscordService::kBotToken, "guild_id = \"12345\"\n");
  CHECK(has(failures(), "guild_id"));
}

TEST_CASE_FIXTURE(Setup, "Discord: doctor survives a service that answers nonsense or not at all") {
  DiscordService::Behaviour broken;
  broken.times = 100;
  broken.applies = [](const auto&) { return true; };
  service.behave(broken);
  CHECK(has(failures(bot::chat::Repair::yes), "500"));
  service.set_application("id", json::array());
}

}  // namespace

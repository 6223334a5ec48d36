#include "bot/platforms/mattermost/setup.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/shared/public_url.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::mattermost {
namespace {

using Mark = chat::CheckResult::Mark;

std::string webhook_address(const std::string& public_url, const std::string& section) {
  return base::join_url(public_url, "/webhooks/" + section);
}

/// Mattermost calls no address of its own network unless it is told to
/// (server/public/shared/httpservice/client.go).
bool is_inside(const std::string& url) {
  const auto host = shared::host_of(url);
  for (const std::string_view inside : {"localhost", "127.", "10.", "192.168.", "169.254.", "[::1]", "[f"}) {
    if (host.starts_with(inside)) {
      return true;
    }
  }
  for (int second = 16; second < 32; ++second) {
    if (host.starts_with(fmt::format("172.{}.", second))) {
      return true;
    }
  }
  return false;
}

chat::CheckResult account(const Api& api) {
  try {
    const auto self = api.get("/users/me", {});
    const auto name =
        base::ellipsize(base::strip_controls(base::json_string(self, "username").value_or("?")), 100);
    if (!base::json_bool(self, "is_bot").value_or(false)) {
      return {Mark::warning,
              fmt::format("@{} is a person's account; whoever writes with it is not answered; make a bot "
                          "account under Integrations",
                          name)};
    }
    return {Mark::ok, fmt::format("@{}, a bot account", name)};
  } catch (const std::exception& e) {
    return {Mark::failure, fmt::format("users/me failed: {}", e.what())};
  }
}

chat::CheckResult address(const Installation& installation) {
  const auto& url = installation.public_url;
  if (url.empty()) {
    return {Mark::warning,
            "server.public_url is not set, so messages have no buttons and are read every five seconds only; "
            "set it to the address at which Mattermost reaches this program"};
  }
  auto result = shared::check_public_url(url, shared::PlainHttp::called);
  if (result.mark != Mark::ok) {
    return result;
  }
  const auto webhook = webhook_address(url, installation.name);
  if (is_inside(url)) {
    return {Mark::ok, fmt::format("Mattermost's callback URL is {}; put its host into "
                                  "ServiceSettings.AllowedUntrustedInternalConnections, else Mattermost "
                                  "does not call it",
                                  webhook)};
  }
  return {Mark::ok, fmt::format("Mattermost's callback URL is {}", webhook)};
}

}  // namespace

std::string setup_text(const std::string& public_url, const std::string& section) {
  const auto webhook =
      webhook_address(public_url.empty() ? "https://frontdesk.example" : public_url, section);
  return fmt::format(
      "In Mattermost, as an administrator:\n"
      "  1. System Console, Integrations: turn on outgoing webhooks and bot accounts.\n"
      "  2. Integrations, Bot Accounts, Add: user name frontdesk; copy its token into `token`.\n"
      "  3. Add @frontdesk to the team and to its channels.\n"
      "  4. Integrations, Outgoing Webhooks, Add, for the whole team or for one public channel:\n"
      "       Content type:  application/json\n"
      "       Trigger words: @frontdesk\n"
      "       Callback URL:  {}\n"
      "     and copy its token into `webhook_token`.\n",
      webhook);
}

std::vector<chat::CheckResult> check_setup(const Api& api, const Installation& installation) {
  std::vector<chat::CheckResult> results = {account(api), address(installation)};
  if (!installation.has_webhook) {
    results.push_back({Mark::warning,
                       "webhook_token is not set, so messages are read every five seconds only; make an "
                       "outgoing webhook and copy its token"});
  }
  return results;
}

}  // namespace bot::mattermost

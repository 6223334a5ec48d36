#include "bot/platforms/slack/setup.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/shared/public_url.h"

namespace bot::slack {
namespace {

using nlohmann::json;
using Mark = chat::CheckResult::Mark;

constexpr std::array kScopes = {"app_mentions:read", "channels:history", "chat:write",
                                "commands",          "files:read",       "files:write",
                                "groups:history",    "im:history",       "mpim:history"};
/// Without it people's ids stand where their names would.
constexpr const char* kNamesScope = "users:read";
/// Without it nothing is heard of reactions.
constexpr const char* kReactionsScope = "reactions:read";
constexpr std::array kEvents = {"app_mention",  "message.channels", "message.groups",  "message.im",
                                "message.mpim", "reaction_added",   "reaction_removed"};

std::string webhook_address(const std::string& public_url, const std::string& section) {
  return base::join_url(public_url, "/webhooks/" + section);
}

bool lists(const std::string& scopes, std::string_view wanted) {
  std::string_view rest = scopes;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    if (base::trim(rest.substr(0, comma)) == wanted) {
      return true;
    }
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

chat::CheckResult token_and_scopes(const WebApi& api) {
  base::HttpFields headers;
  json answer;
  try {
    answer = api.ask("auth.test", {}, {}, &headers);
  } catch (const std::exception& e) {
    return {Mark::failure, fmt::format("auth.test failed: {}", e.what())};
  }
  const auto name = [&](const char* key) {
    return base::ellipsize(base::strip_controls(base::json_string(answer, key).value_or("?")), 100);
  };
  if (base::json_string(answer, "bot_id").value_or("").empty()) {
    return {Mark::failure,
            "bot_token is a person's token; copy the Bot User OAuth Token, which begins with xoxb-"};
  }
  const auto scopes = headers.get("X-OAuth-Scopes");
  if (!scopes) {
    return {Mark::warning,
            fmt::format("{} in {}; which scopes the app has was not said", name("user"), name("team"))};
  }
  std::string missing;
  for (const auto* scope : kScopes) {
    if (!lists(*scopes, scope)) {
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", scope);
    }
  }
  if (!missing.empty()) {
    return {
        Mark::failure,
        fmt::format("the app lacks the scopes {}; add them under \"OAuth & Permissions\" and install the app "
                    "again",
                    missing)};
  }
  if (!lists(*scopes, kNamesScope)) {
    return {Mark::warning, fmt::format("{} in {}; without the scope {} people are known by their ids only",
                                       name("user"), name("team"), kNamesScope)};
  }
  return {Mark::ok, fmt::format("{} in {}, with all scopes", name("user"), name("team"))};
}

chat::CheckResult public_address(const std::string& public_url, const std::string& section) {
  if (public_url.empty()) {
    return {
        Mark::failure,
        "server.public_url is not set, so Slack cannot reach this program; set it to the https address at "
        "which it is seen from outside"};
  }
  auto result = shared::check_public_url(public_url);
  if (result.mark == Mark::ok) {
    result.detail = fmt::format("Slack's request URL is {}", webhook_address(public_url, section));
  }
  return result;
}

}  // namespace

std::string manifest(const std::string& public_url, const std::string& section) {
  const auto address =
      webhook_address(public_url.empty() ? "https://frontdesk.example" : public_url, section);
  json scopes(kScopes);
  scopes.push_back(kNamesScope);
  scopes.push_back(kReactionsScope);
  const json manifest = {
      {"display_information",
       {{"name", "Frontdesk"}, {"description", "Answers, and hands real work to a specialist."}}},
      {"features",
       {{"app_home",
         {{"home_tab_enabled", false},
          {"messages_tab_enabled", true},
          {"messages_tab_read_only_enabled", false}}},
        {"bot_user", {{"display_name", "Frontdesk"}, {"always_online", true}}},
        {"slash_commands",
         {{{"command", "/frontdesk"},
           {"url", address},
           {"description", "Ask, or give an order"},
           {"usage_hint", "[dispatch TEXT | status | cancel | help | a question]"},
           {"should_escape", true}}}}}},
      {"oauth_config", {{"scopes", {{"bot", scopes}}}}},
      {"settings",
       {{"event_subscriptions", {{"request_url", address}, {"bot_events", kEvents}}},
        {"interactivity", {{"is_enabled", true}, {"request_url", address}}},
        {"org_deploy_enabled", false},
        {"socket_mode_enabled", false},
        {"token_rotation_enabled", false}}}};
  return manifest.dump(2) + "\n";
}

std::vector<chat::CheckResult> check_setup(const WebApi& api, const std::string& public_url,
                                           const std::string& section, chat::Repair repair) {
  std::vector<chat::CheckResult> results = {token_and_scopes(api), public_address(public_url, section)};
  const bool is_all_well = std::all_of(results.begin(), results.end(), [](const chat::CheckResult& result) {
    return result.mark == Mark::ok;
  });
  if (repair == chat::Repair::yes || !is_all_well) {
    results.push_back({Mark::ok,
                       "the app's settings are made by hand: paste the manifest below at "
                       "https://api.slack.com/apps (a new app: Create New App, From a manifest; this app: "
                       "App Manifest), then install the app"});
  }
  return results;
}

}  // namespace bot::slack

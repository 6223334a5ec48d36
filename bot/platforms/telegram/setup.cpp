#include "bot/platforms/telegram/setup.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/platforms/shared/public_url.h"

namespace bot::telegram {
namespace {

using chat::CheckResult;
using nlohmann::json;
using Mark = CheckResult::Mark;

/// Of a command in the menu, in characters.
constexpr std::size_t kMaxDescription = 256;

/// What the program wants to hear of and the webhook of that WebhookInfo is not told, with commas. Without a
/// list it is told all that we want.
std::string updates_missing(const json& info) {
  const auto* told = base::json_member(info, "allowed_updates");
  std::string missing;
  if (told != nullptr && told->is_array() && !told->empty()) {
    for (const auto& kind : updates_wanted()) {
      if (std::find(told->begin(), told->end(), kind) == told->end()) {
        missing += (missing.empty() ? "" : ", ") + kind.get<std::string>();
      }
    }
  }
  return missing;
}

void set_up(const Api& api, const Installation& installation) {
  if (installation.polls) {
    api.call("deleteWebhook", {{"drop_pending_updates", false}}, {});
  } else if (!installation.public_url.empty()) {
    api.call("setWebhook",
             {{"url", installation.webhook_url()},
              {"secret_token", installation.secrets.empty() ? "" : installation.secrets.front()},
              {"allowed_updates", updates_wanted()}},
             {});
  }
  auto commands = json::array();
  for (const auto& usage : chat::command_usages()) {
    commands.push_back(
        {{"command", usage.word}, {"description", base::ellipsize(usage.help, kMaxDescription)}});
  }
  api.call("setMyCommands", {{"commands", commands}}, {});
}

CheckResult check_polling(const std::string& url, std::int64_t waiting) {
  if (!url.empty()) {
    return {Mark::failure, fmt::format("a webhook is set ({}), so that no message comes in by polling; "
                                       "`frontdesk doctor --fix` takes it away",
                                       url)};
  }
  return {Mark::ok, fmt::format("long polling, {} messages wait", waiting)};
}

CheckResult check_webhook(const Installation& installation, const json& info, const std::string& url,
                          std::int64_t waiting) {
  const auto wanted = installation.webhook_url();
  if (url != wanted) {
    return {Mark::failure, fmt::format("Telegram {}; run `frontdesk doctor --fix`",
                                       url.empty() ? "has no webhook for this bot"
                                                   : fmt::format("calls {} and not {}", url, wanted))};
  }
  if (const auto missing = updates_missing(info); !missing.empty()) {
    return {Mark::failure,
            fmt::format("Telegram was asked to tell {} nothing of: {}; run `frontdesk doctor --fix`", url,
                        missing)};
  }
  const auto problem = base::json_string(info, "last_error_message").value_or("");
  if (!problem.empty() && waiting != 0) {
    return {Mark::warning, fmt::format("{} messages wait; Telegram's last attempt to call {} failed: {}",
                                       waiting, url, problem)};
  }
  return {Mark::ok, fmt::format("webhook {}, {} messages wait", url, waiting)};
}

void check_transport(const Api& api, const Installation& installation, std::vector<CheckResult>& results) {
  const auto info = api.call("getWebhookInfo", json::object(), {});
  const auto url = base::json_string(info, "url").value_or("");
  const auto waiting = base::json_integer(info, "pending_update_count").value_or(0);
  if (installation.polls) {
    results.push_back(check_polling(url, waiting));
  } else if (installation.public_url.empty()) {
    results.push_back(
        {Mark::failure,
         "transport = \"webhook\" needs server.public_url, the https:// address at which Telegram "
         "reaches this program; or use transport = \"polling\""});
  } else {
    results.push_back(shared::check_public_url(installation.public_url));
    results.push_back(check_webhook(installation, info, url, waiting));
  }
}

}  // namespace

std::string Installation::webhook_url() const {
  return base::join_url(public_url, "webhooks/" + name);
}

const json& updates_wanted() {
  static const json wanted = {"message", "edited_message", "callback_query", "message_reaction"};
  return wanted;
}

std::vector<CheckResult> check_setup(const Api& api, const Installation& installation, chat::Repair repair) {
  std::vector<CheckResult> results;
  try {
    const auto me = api.call("getMe", json::object(), {});
    results.push_back({Mark::ok, fmt::format("@{} at {}", base::json_string(me, "username").value_or(""),
                                             shared::host_of(installation.api_base_url))});
    if (repair == chat::Repair::yes) {
      set_up(api, installation);
    }
    check_transport(api, installation, results);
  } catch (const WrongToken& e) {
    results.push_back(
        {Mark::failure,
         fmt::format("{}; copy the bot's token from @BotFather again{}", e.answer,
                     installation.api_base_url == kApi ? "" : ", and check that api_base_url is a Bot API")});
  } catch (const std::exception& e) {
    results.push_back({Mark::failure, e.what()});
  }
  return results;
}

}  // namespace bot::telegram

#include "bot/platforms/chat_platforms.h"

#include "base/error.h"
#include "bot/platforms/discord/platform.h"
#include "bot/platforms/slack/platform.h"
#include "bot/platforms/slack/setup.h"
#include "bot/platforms/telegram/platform.h"
#include "bot/platforms/web/platform.h"
#include "bot/platforms/webhook/platform.h"

namespace bot {
namespace {

struct Row {
  const char* name;
  const char* access;
  std::unique_ptr<ChatPlatform> (*make)(config::Section, const PlatformContext&);
  std::optional<std::string> (*problem_with_id)(std::string_view id, IdOf of);
  std::string (*setup_text)(const std::string& public_url, const std::string& section);
};

constexpr Row kPlatforms[] = {{"web", "open", make_web_chat, any_id_problem, nullptr},
                              {"webhook", "open", make_generic_webhook, any_id_problem, nullptr},
                              {"telegram", "pairing", make_telegram, telegram_id_problem, nullptr},
                              {"slack", "pairing", make_slack, slack_id_problem, slack_manifest},
                              {"discord", "pairing", make_discord, discord_id_problem, nullptr}};

const Row& row(const std::string& platform) {
  for (const auto& candidate : kPlatforms) {
    if (platform == candidate.name) {
      return candidate;
    }
  }
  throw base::ConfigError("unknown platform: " + platform);
}

}  // namespace

std::string dispatch_name(store::DispatchId id) {
  return "d-" + std::to_string(id.value);
}

void ChatPlatform::fetch(const std::string&, std::uint64_t, const std::function<void(std::string_view)>&,
                         std::stop_token) {
  throw base::PermanentError("this platform has no files");
}

std::vector<Finding> ChatPlatform::check(Repair) {
  return {};
}

std::unique_ptr<ChatPlatform> make_chat_platform(const std::string& platform, config::Section section,
                                                 const PlatformContext& context) {
  return row(platform).make(std::move(section), context);
}

std::vector<std::string> platform_names() {
  std::vector<std::string> names;
  for (const auto& candidate : kPlatforms) {
    names.emplace_back(candidate.name);
  }
  return names;
}

std::string setup_text(const std::string& platform, const std::string& public_url,
                       const std::string& section) {
  const auto text = row(platform).setup_text;
  return text == nullptr ? std::string() : text(public_url, section);
}

std::string default_access(const std::string& platform) {
  return row(platform).access;
}

std::optional<std::string> problem_with_id(const std::string& platform, std::string_view id, IdOf of) {
  return row(platform).problem_with_id(id, of);
}

}  // namespace bot

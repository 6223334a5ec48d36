#include "bot/platforms/chat_platforms.h"

#include "base/error.h"
#include "bot/platforms/discord/platform.h"
#include "bot/platforms/slack/platform.h"
#include "bot/platforms/slack/setup.h"
#include "bot/platforms/telegram/platform.h"
#include "bot/platforms/web/platform.h"
#include "bot/platforms/webhook/platform.h"

namespace bot::platforms {
namespace {

struct Row {
  const char* name;
  const char* access;
  std::unique_ptr<chat::Platform> (*make)(config::Section, const chat::PlatformContext&);
  std::optional<std::string> (*problem_with_id)(std::string_view id, chat::IdOf of);
  std::string (*setup_text)(const std::string& public_url, const std::string& section);
};

constexpr Row kPlatforms[] = {
    {"web", "open", web_chat::make_platform, chat::any_id_problem, nullptr},
    {"webhook", "open", webhook::make_platform, chat::any_id_problem, nullptr},
    {"telegram", "pairing", telegram::make_platform, chat::telegram_id_problem, nullptr},
    {"slack", "pairing", slack::make_platform, chat::slack_id_problem, slack::manifest},
    {"discord", "pairing", discord::make_platform, chat::discord_id_problem, nullptr}};

const Row& row(const std::string& platform) {
  for (const auto& candidate : kPlatforms) {
    if (platform == candidate.name) {
      return candidate;
    }
  }
  throw base::ConfigError("unknown platform: " + platform);
}

}  // namespace

std::unique_ptr<chat::Platform> make_chat_platform(const std::string& platform, config::Section section,
                                                   const chat::PlatformContext& context) {
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

std::optional<std::string> problem_with_id(const std::string& platform, std::string_view id, chat::IdOf of) {
  return row(platform).problem_with_id(id, of);
}

}  // namespace bot::platforms

#include "bot/chat_platforms.h"

#include "base/error.h"
#include "bot/discord.h"
#include "bot/generic_webhook.h"
#include "bot/web_chat.h"

namespace bot {
namespace {

struct Row {
  const char* name;
  const char* access;
  std::unique_ptr<ChatPlatform> (*make)(config::Section, const PlatformContext&);
};

constexpr Row kPlatforms[] = {{"web", "open", make_web_chat},
                              {"webhook", "open", make_generic_webhook},
                              {"discord", "pairing", make_discord}};

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

std::string default_access(const std::string& platform) {
  return row(platform).access;
}

}  // namespace bot

#include "bot/platforms/chat_platforms.h"

#include "base/error.h"
#include "bot/platforms/discord/platform.h"
#include "bot/platforms/mattermost/platform.h"
#include "bot/platforms/slack/platform.h"
#include "bot/platforms/telegram/platform.h"
#include "bot/platforms/web/platform.h"
#include "bot/platforms/webhook/platform.h"

namespace bot::platforms {

const std::vector<chat::PlatformType>& platform_types() {
  // In the order in which they are listed to people.
  static const std::vector<chat::PlatformType> types = {
      web_chat::platform_type(), webhook::platform_type(), telegram::platform_type(),
      slack::platform_type(),    discord::platform_type(), mattermost::platform_type(),
  };
  return types;
}

const chat::PlatformType& platform_type(const std::string& name) {
  for (const auto& type : platform_types()) {
    if (type.name == name) {
      return type;
    }
  }
  throw base::ConfigError("unknown platform: " + name);
}

std::vector<std::string> platform_names() {
  std::vector<std::string> names;
  for (const auto& type : platform_types()) {
    names.push_back(type.name);
  }
  return names;
}

}  // namespace bot::platforms

#pragma once

#include <memory>

#include "bot/platforms/chat_platforms.h"

namespace bot {

/// platform = "telegram": the Bot API (https://core.telegram.org/bots/api) by webhook or by long polling.
/// Keys: token, secret, transport, api_base_url.
std::unique_ptr<ChatPlatform> make_telegram(config::Section section, const PlatformContext& context);

}  // namespace bot

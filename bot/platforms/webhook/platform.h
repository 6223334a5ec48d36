#pragma once

#include <memory>

#include "bot/platforms/chat_platforms.h"

namespace bot {

/// platform = "webhook" (contract section 5). Keys: secret, callback_url.
std::unique_ptr<ChatPlatform> make_generic_webhook(config::Section section, const PlatformContext& context);

}  // namespace bot

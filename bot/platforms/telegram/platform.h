#pragma once

#include <memory>

#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "config/section.h"

namespace bot::telegram {

/// platform = "telegram": the Bot API (https://core.telegram.org/bots/api) by webhook or by long polling.
/// Keys: token, secret, transport, api_base_url.
std::unique_ptr<chat::Platform> make_platform(config::Section section, const chat::PlatformContext& context);

}  // namespace bot::telegram

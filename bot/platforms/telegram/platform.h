#pragma once

#include "bot/chat/platform_type.h"

namespace bot::telegram {

/// platform = "telegram": the Bot API (https://core.telegram.org/bots/api) by webhook or by long polling.
/// Keys: token, secret, transport, api_base_url, stream.
chat::PlatformType platform_type();

}  // namespace bot::telegram

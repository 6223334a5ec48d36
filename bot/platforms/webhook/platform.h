#pragma once

#include "bot/chat/platform_type.h"

namespace bot::webhook {

/// platform = "webhook" (docs/chat-services.md). Keys: secret, callback_url.
chat::PlatformType platform_type();

}  // namespace bot::webhook

#pragma once

#include "bot/chat/platform_type.h"

namespace bot::webhook {

/// platform = "webhook" (contract section 5). Keys: secret, callback_url.
chat::PlatformType platform_type();

}  // namespace bot::webhook

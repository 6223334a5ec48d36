#pragma once

#include <memory>

#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "config/section.h"

namespace bot::webhook {

/// platform = "webhook" (contract section 5). Keys: secret, callback_url.
std::unique_ptr<chat::Platform> make_platform(config::Section section, const chat::PlatformContext& context);

}  // namespace bot::webhook

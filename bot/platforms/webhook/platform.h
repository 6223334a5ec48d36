#pragma once

#include <memory>

#include "bot/platforms/chat_platforms.h"

namespace bot::webhook {

/// platform = "webhook" (contract section 5). Keys: secret, callback_url.
std::unique_ptr<chat::Platform> make_platform(config::Section section,
                                              const platforms::PlatformContext& context);

}  // namespace bot::webhook

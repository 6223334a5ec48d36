#pragma once

#include <memory>

#include "bot/platforms/chat_platforms.h"

namespace bot::telegram {

/// platform = "telegram": the Bot API (https://core.telegram.org/bots/api) by webhook or by long polling.
/// Keys: token, secret, transport, api_base_url.
std::unique_ptr<chat::Platform> make_platform(config::Section section,
                                              const platforms::PlatformContext& context);

}  // namespace bot::telegram

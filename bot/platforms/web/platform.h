#pragma once

#include <memory>

#include "bot/platforms/chat_platforms.h"

namespace bot {

/// platform = "web": the program's own chat page. A message is delivered by telling the open pages about it;
/// it is in the database already. Keys: none of its own.
std::unique_ptr<ChatPlatform> make_web_chat(config::Section section, const PlatformContext& context);

}  // namespace bot

#pragma once

#include <memory>

#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "config/section.h"

namespace bot::web_chat {

/// platform = "web": the program's own chat page. A message is delivered by telling the open pages about it;
/// it is in the database already. Keys: none of its own.
std::unique_ptr<chat::Platform> make_platform(config::Section section, const chat::PlatformContext& context);

}  // namespace bot::web_chat

#pragma once

#include "bot/chat/platform_type.h"

namespace bot::web_chat {

/// platform = "web": the program's own chat page. A message is delivered by telling the open pages about it;
/// it is in the database already. Keys: none of its own.
chat::PlatformType platform_type();

}  // namespace bot::web_chat

#pragma once

#include <memory>

#include "bot/platforms/chat_platforms.h"

namespace bot::web_chat {

/// platform = "web": the program's own chat page. A message is delivered by telling the open pages about it;
/// it is in the database already. Keys: none of its own.
std::unique_ptr<chat::Platform> make_platform(config::Section section,
                                              const platforms::PlatformContext& context);

}  // namespace bot::web_chat

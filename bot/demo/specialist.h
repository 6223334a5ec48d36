#pragma once

#include "bot/demo/conversation.h"

namespace bot::demo {

/// The specialist's next turn in a conversation of Claude Code. It is worked out from the conversation alone:
/// which files earlier turns wrote, which are still missing, and what its last tool calls answered. So it
/// continues after an interruption without writing a file twice, and says what failed.
Turn specialist_turn(const Conversation& conversation);

}  // namespace bot::demo

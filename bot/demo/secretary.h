#pragma once

#include <string>

#include "base/clock.h"
#include "bot/demo/conversation.h"

namespace bot::demo {

/// The secretary's next turn: an answer, or a call of one of the tools that the request offers.
Turn secretary_turn(const Conversation& conversation, const base::Clock& clock);

}  // namespace bot::demo

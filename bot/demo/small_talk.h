#pragma once

#include <optional>

#include "bot/demo/conversation.h"
#include "bot/demo/words.h"

namespace bot::demo {

/// Greetings, thanks, and what the demo is; nothing for all else.
std::optional<Turn> small_talk(const Words& words);

/// What is said to a request without a script: what there is, and how to get a real model.
Turn unknown_request();

/// SQLite and PostgreSQL in a few sentences, where no report is to be written.
Turn short_comparison();

}  // namespace bot::demo

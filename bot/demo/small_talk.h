#pragma once

#include <optional>

#include "bot/demo/conversation.h"
#include "bot/demo/words.h"

namespace bot::demo {

/// The answer to a greeting, to thanks, or to a question about the demo; nothing for anything else.
std::optional<Turn> small_talk(const Words& words);

/// The answer to a request without a script: what the demo can do, and how to get a real model.
Turn unknown_request();

/// SQLite and PostgreSQL in a few sentences, for when no report is wanted.
Turn short_comparison();

}  // namespace bot::demo

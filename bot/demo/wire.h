#pragma once

#include <string>
#include <string_view>

#include "bot/demo/conversation.h"

namespace bot::demo {

/// How many tokens so many characters are taken for; at least 1.
std::size_t estimated_tokens(std::size_t characters);

/// The turn as the JSON of a message. `seed` makes its ids: the same seed, the same ids.
std::string message_json(const Turn& turn, const Conversation& conversation, std::string_view seed);

/// The same message as the events of a stream, text and arguments in several pieces.
std::string message_events(const Turn& turn, const Conversation& conversation, std::string_view seed);

/// {"type":"error","error":{"type":type,"message":message}}
std::string error_json(std::string_view type, std::string_view message);

}  // namespace bot::demo

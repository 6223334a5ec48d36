#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bot/demo/conversation.h"
#include "bot/demo/words.h"

namespace bot::demo {

/// The turn where the person wants something remembered, forgotten, told or found again, or asks for a
/// calendar or mail, which the demo has none of; nothing for anything else.
std::optional<Turn> about_memory(const std::string& text, const Words& words,
                                 const Conversation& conversation);

/// The turn after one of the tools that about_memory() calls, which did what it was to do; nothing after
/// another.
std::optional<Turn> after_memory_tool(const Item& result, const Conversation& conversation);

/// What a tool's error says to the person, without what it then tells the model to do.
std::string without_orders(std::string_view error);

}  // namespace bot::demo

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bot/chat/platform_type.h"

namespace bot::shared {

/// For PlatformType::id_problem where any text but an empty one is an id.
std::optional<std::string> any_id_problem(std::string_view id, chat::IdOf of);

/// Whether it is digits, of at most 64 bits, not beginning with 0.
bool is_number(std::string_view text);

}  // namespace bot::shared

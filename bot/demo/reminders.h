#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bot/demo/conversation.h"

namespace bot::demo {

/// The call of set_reminder for "remind me in two minutes to …" and the like, of list_reminders for a
/// question about them, or what to say where the time is not understood; nothing for any other text.
std::optional<Turn> remind(std::string_view text, base::Timestamp now);

/// What to say after set_reminder answered.
std::string reminder_set(std::string_view result);

}  // namespace bot::demo

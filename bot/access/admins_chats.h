#pragma once

#include <optional>
#include <vector>

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"

namespace bot::access {

/// The chats in which the admins of all sections are told something: where each wrote last alone with the
/// bot, in another chat than `except`. Thread rule: that of the Database.
std::vector<store::Conversation> admins_chats(const runtime::Services& services, store::Database& db,
                                              std::optional<store::ConversationId> except = std::nullopt);

}  // namespace bot::access

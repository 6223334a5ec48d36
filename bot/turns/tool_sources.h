#pragma once

#include <functional>

#include "bot/memory/scope.h"
#include "router/secretary_tools.h"

namespace bot::turns {

/// What the secretary's model can do in that turn beside asking about projects: one source for each room that
/// gives it tools. `has_foreign_words`: whether words of others came into the turn so far, with the message
/// or by a tool. Thread rule: that of the Database.
router::SecretaryTools::Sources tool_sources(const memory::Scope& turn,
                                             const std::function<bool()>& has_foreign_words);

}  // namespace bot::turns

#pragma once

#include <functional>

#include "bot/runtime/services.h"
#include "router/secretary_tools.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::turns {

/// The turn for which tools are offered. The references must outlive the sources.
struct ToolScope {
  runtime::Services& services;
  store::Database& db;
  const store::Conversation& conversation;
  const store::Person& person;
  const store::Message& message;  ///< what is answered
  /// Whether words of others came into the turn so far, with the message or by a tool.
  std::function<bool()> has_foreign_words;
};

/// What the secretary's model can do in that turn beside asking about projects: one source for each room that
/// gives it tools. Thread rule: that of the Database.
router::SecretaryTools::Sources tool_sources(const ToolScope& scope);

}  // namespace bot::turns

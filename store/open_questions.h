#pragma once

#include <vector>

#include "store/database.h"
#include "store/dispatch_log.h"

namespace store {

/// The questions of the secretary to that person in the conversation that are still open, the oldest first.
/// Thread rule: that of the Database.
std::vector<DecisionRecord> open_questions(Database& db, ConversationId conversation, PersonId person);

}  // namespace store

#pragma once

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::runs {

/// Tells the admins, each in the last chat that they had with the bot alone, and the program's log, which
/// shares of the budgets of that person, that conversation and everybody are spent now: each share once in a
/// day or month, also over restarts, and of several at once the largest. Call it after something was booked,
/// outside any transaction. Never throws: what cannot be told now is told after the next booking. Thread
/// rule: that of the Database.
void tell_spent_shares(runtime::Services& services, store::Database& db, store::PersonId person,
                       const store::Conversation& conversation);

}  // namespace bot::runs

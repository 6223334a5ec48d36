#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "bot/runtime/settings.h"
#include "router/threshold_moves.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::turns {

/// Whose turn it is, and where.
struct TurnPlace {
  store::Conversation conversation;
  store::PersonId person;
  base::Timestamp now;
  std::string timezone;  ///< a budget's day begins at its midnight
};

// What moves the thresholds of a turn. Thread rule: that of the Database.

/// The last thing in the thread that says something of what follows, if it is not too long ago.
std::optional<router::ThreadPast> thread_past(store::Database& db, const TurnPlace& place);

/// The budget of a day, of all, of the chat or of the person, that is used furthest; nothing where there is
/// none. What runs and is not in the ledger yet does not count.
std::optional<router::BudgetUse> budget_use(const runtime::Budget& budget, store::Database& db,
                                            const TurnPlace& place);

/// Whether nothing more may be spent; by the ledger, as above.
bool is_used_up(const runtime::Budget& budget, store::Database& db, const TurnPlace& place);

/// What the thread and the budget move together.
router::MovedThresholds moved_thresholds(const router::Thresholds& thresholds, const runtime::Budget& budget,
                                         store::Database& db, const TurnPlace& place);

}  // namespace bot::turns

#pragma once

#include <string>

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::runs {

/// Shows below, in a message of its own, that the dispatch does not go on unasked, with Continue and Cancel:
/// its note is far up in the chat, and an edit notifies nobody. `problem`: why. Runs inside the caller's
/// transaction.
void show_question_to_go_on(store::Database& db, const store::Conversation& conversation,
                            const store::DispatchRecord& dispatch, const std::string& slug,
                            const std::string& problem, base::Timestamp now);

/// What was ordered and never begun, and nobody has looked after for longer than kGoesOnUnasked because the
/// program was down: it ends as interrupted, and its chat is asked. To be called at a start, before anything
/// else is written: what is newest in the database tells how long that was.
void ask_about_old_orders(runtime::Services& services, store::Database& db);

}  // namespace bot::runs

#pragma once

#include <string>

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::turns {

/// Somebody who is signed in to the console presses a button that a chat shows: a turn of its own does then
/// what it does there, for whoever it was shown to, and the log names who pressed it. `presser` is of
/// People::of_console(); whether they may is checked by the caller. Inside the caller's transaction, which
/// rings services.notifier. False where the same click waits already. Thread rule: that of the Database.
bool click_in_console(runtime::Services& services, store::Database& db,
                      const store::Conversations::FoundButton& button, const store::Person& presser);

}  // namespace bot::turns

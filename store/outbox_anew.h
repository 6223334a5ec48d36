#pragma once

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

// Edits of messages that the chat does not have, since the service refused them or knows them no more: they
// are said anew. In a transaction of the caller's. Thread rule: that of the Database.

/// The call of that id, where it is such an edit that nobody tried to make yet and nothing of the message
/// ever arrived, is a new message from now on.
void make_message_of_edit(Database& db, OutboxId call);

/// The service does not know the message that this edit, which is not delivered, was to change: what it says
/// is sent as a new message, by a later edit where one waits, else by a new call.
void say_anew(Database& db, OutboxId edit, base::Timestamp now);

}  // namespace store

#pragma once

#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/ids.h"

namespace bot::reminders {

/// Inside the transaction in which the call of a message becomes dead: where it told of a reminder, that
/// comes no more, and its owner is told in their direct chat, else the admins in theirs. Harmless for any
/// other message. Thread rule: that of the Database.
void tell_undelivered(const runtime::Services& services, store::Database& db, store::MessageId message);

}  // namespace bot::reminders

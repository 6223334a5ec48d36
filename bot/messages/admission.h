#pragma once

#include "base/clock.h"
#include "bot/chat/incoming_message.h"
#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::messages {

/// Whether the person may write there. Who may not is told so once in a while, with a pairing code where the
/// section has pairing, inside the caller's transaction; `told`: just now. Throws std::runtime_error where
/// there are no rules for the section, and what the database throws. Thread rule: that of the Database.
enum class Admission { granted, refused, refused_and_told };
Admission admit(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
                const store::Person& person, const chat::IncomingMessage& incoming, base::Timestamp now);

}  // namespace bot::messages

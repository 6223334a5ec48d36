#pragma once

#include <string>

#include "base/clock.h"
#include "bot/chat/incoming_message.h"
#include "bot/runtime/services.h"
#include "store/database.h"

namespace bot::messages {

/// A thumb up or down under one of the bot's answers, notes or results, put there by whoever asked or by an
/// approver, is what that person says of the decision behind it; taking it away takes that back. Any other
/// reaction says nothing. `incoming.message_id` is the service's id of the message. Returns whether something
/// was written, inside the caller's transaction. Thread rule: that of the Database.
bool take_reaction(runtime::Services& services, store::Database& db, const std::string& section,
                   const chat::IncomingMessage& incoming, base::Timestamp now);

}  // namespace bot::messages

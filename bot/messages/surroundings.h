#pragma once

#include <stop_token>

#include "bot/chat/platform.h"
#include "store/conversations.h"
#include "store/database.h"

namespace bot::messages {

/// Asks the service for what a message does not hold and its answer needs, and keeps it with the message:
/// what was said in a thread before the bot was called into it, which is tried again with the next message
/// where the service cannot tell, and the names of people who are mentioned. `message` is as it is stored
/// from then on. For a message that needs no model nothing is asked. `platform` may be null. Throws
/// base::Stopped, and what the database throws.
void read_surroundings(store::Database& db, chat::Platform* platform, const store::Conversation& conversation,
                       store::Message& message, std::stop_token stop);

}  // namespace bot::messages

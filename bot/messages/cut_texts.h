#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "bot/chat/incoming_message.h"
#include "store/conversations.h"
#include "store/people.h"

namespace bot::messages {

/// Texts that a service cut in parts, each of which it counts as a message with an id of its own. Thread
/// rule: that of the Database.

/// What the person wrote last there, where the service cut it and `incoming` may be the rest.
std::optional<store::MessageId> cut_message(store::Database& db, const chat::IncomingMessage& incoming,
                                            const store::Conversation& conversation,
                                            const store::Person& person, base::Timestamp now);

/// Appends the next part to the text of the message.
void add_part(store::Database& db, const store::Message& message, const std::string& own_id,
              const std::string& text, base::Timestamp now);

/// The person's message that the service calls `own_id`, or a part of it.
std::optional<store::Message> edited_message(store::Database& db, store::ConversationId conversation,
                                             const std::string& own_id);

/// The text of the message with what was made of the part that the service calls `own_id`.
std::string edited_text(store::Database& db, const store::Message& message, const std::string& own_id,
                        const std::string& part);

}  // namespace bot::messages

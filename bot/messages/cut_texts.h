#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "store/conversations.h"

namespace bot::messages {

/// Texts that a service cut in parts, each of which it counts as a message with an id of its own. Thread
/// rule: that of the Database.

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

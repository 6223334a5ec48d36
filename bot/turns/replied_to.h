#pragma once

#include <optional>

#include "store/conversations.h"
#include "store/database.h"

namespace bot::turns {

/// That a message is a reply.
struct RepliedTo {
  std::optional<store::MessageId>
      message;  ///< in its conversation, whoever wrote it; nothing: none known here
};

/// Nothing where the message is no reply: by the id that its service told, else by the words that came along.
/// Thread rule: that of the Database.
std::optional<RepliedTo> replied_to(store::Database& db, const store::Message& message);

/// The newest message before it that begins with the words that it came with as a reply to them.
std::optional<store::MessageId> message_quoted(store::Database& db, const store::Message& message);

}  // namespace bot::turns

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/chat/incoming_message.h"
#include "store/conversations.h"

namespace bot::chat {

/// The way into the program for whatever one chat section brings, by a webhook or by asking its service.
/// Every function throws what the database throws; then nothing was stored. Thread rule: any thread.
class Receiver {
 public:
  virtual ~Receiver() = default;

  /// Stores the message, with the job that answers it and the cursor it carries, in one transaction. When it
  /// returns, the message cannot be lost and the platform has been told by AcknowledgesIncoming.
  virtual void take(const IncomingMessage& incoming) = 0;

  /// Keeps a cursor that no message carries: what was read meanwhile is not for the bot.
  virtual void advance(const Cursor& cursor) = 0;
  /// What was kept last under that name, by this process or an earlier one; nothing on a first start.
  virtual std::optional<std::string> cursor(const std::string& name) = 0;

  /// What went wrong when the service was asked, in words without secrets; the last one is kept for an
  /// operator. Throws nothing.
  virtual void note_trouble(const std::string& /*what*/) noexcept {}

  /// The section's chats in which a person wrote since then, the one that was used last at the end.
  virtual std::vector<store::Conversations::Use> chats_used_since(base::Timestamp since) = 0;
};

}  // namespace bot::chat

#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// The answers that a chat service may show a draft of, as a message of its own, before they are in the
/// outbox: each has the key that its message was posted under, or may have been. What the turn says first
/// takes that key over, and so the message. Thread rule: that of the Database.
class Drafts {
 public:
  explicit Drafts(Database& db) : db_(db) {}

  /// Before anything of it is posted: the key to post it under. A commit of its own. Nothing where that turn
  /// has begun one before, by which something may be shown that nobody here knows, and where a message of
  /// ours answers `answers` already.
  std::optional<std::string> begin(MessageId turn, ConversationId conversation, const std::string& answers,
                                   base::Timestamp now);

  /// The newest call of the outbox, where that turn has begun a draft.
  std::optional<OutboxId> calls_before(MessageId turn);
  /// The first message of ours in the conversation behind that call is what the draft has been all along: it
  /// gets the draft's key. Call it inside the transaction that posts.
  void take_over(MessageId turn, ConversationId conversation, OutboxId behind);

 private:
  Database& db_;
};

}  // namespace store

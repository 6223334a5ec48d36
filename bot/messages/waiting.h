#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "bot/chat/incoming_message.h"
#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ids.h"

namespace bot::messages {

/// Whether it is worked off without a model (a command, most buttons), and so never waits for long.
bool is_quick_turn(store::Conversations& conversations, const chat::IncomingMessage& incoming);

/// Whether these words can but be the person's answer to the one request of a run that waits in the chat.
/// Such an answer needs no model either, and what is asked lapses while it waits behind those that do.
bool answers_request(store::Database& db, store::ConversationId conversation, store::PersonId person,
                     const chat::IncomingMessage& incoming);

/// Whether as much of that person waits as may in that section (`max_waiting`), so that this message is not
/// taken: messages that need a model; what needs none, for itself; and runs that they have ordered, where it
/// orders one more.
bool has_enough_waiting(runtime::Services& services, store::Database& db, const std::string& section,
                        store::PersonId person, const chat::IncomingMessage& incoming);

/// More of that person waits than may, and who sent this message learns by the answer to the call that it was
/// not taken; what() is a sentence for them.
class TooManyWaiting : public std::runtime_error {
 public:
  TooManyWaiting();
};

/// Has the chat told that the message is not taken, and which, inside the caller's transaction: by one
/// sentence that replies to the message, and for a minute by further lines of that one. The message's ids are
/// forgotten, so that it is taken when it comes again. Throws TooManyWaiting where the sender is told
/// otherwise (see chat::SenderIsTold); then the caller has to undo what it wrote of the message. Thread rule:
/// that of the Database.
void turn_away(runtime::Services& services, store::Database& db, const std::string& section,
               const store::Conversation& conversation, const chat::IncomingMessage& incoming,
               base::Timestamp now);

/// So much waits already that nothing more is stored; the sender should try again later.
class BacklogFull : public std::runtime_error {
 public:
  BacklogFull() : std::runtime_error("too many messages are waiting") {}
};

/// Bounds how much may wait in the database. Counts seldom, since counting two million rows takes its time.
/// Thread rule: one thread at a time.
class Backlog {
 public:
  explicit Backlog(std::int64_t max) : max_(max) {}

  /// To be called before each message that is stored; throws BacklogFull.
  void make_room(store::Database& db);

 private:
  const std::int64_t max_;
  std::int64_t at_most_ = 0;  ///< as many wait, or fewer
  std::optional<std::chrono::steady_clock::time_point> counted_;
};

}  // namespace bot::messages

#pragma once

#include <exception>
#include <functional>
#include <string>

#include "bot/chat/incoming_message.h"
#include "bot/messages/waiting.h"
#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/ids.h"

namespace bot::messages {

/// Stores what comes in (steps 1 and 2 of a message's way). Thread rule: any thread.
class Intake {
 public:
  /// Both must outlive it.
  Intake(runtime::Services& services, store::CommitGroup& commits)
      : services_(services), backlog_(services.settings.max_backlog), commits_(commits) {}

  struct Taken {
    bool repeated = false;          ///< was stored earlier; nothing was done
    bool ignored = false;           ///< not meant for the bot, or an edit of what is answered already
    bool refused = false;           ///< this person may not write here
    bool told = false;              ///< of a refusal: it is answered; else it was not long ago
    store::MessageId message = {};  ///< where it was stored, also of a repeat; 0 where it was not
  };

  /// In one durable transaction: the message, the job that answers it, and its cursor. When this returns, the
  /// message cannot be lost; those that come at the same time share a commit. Throws BacklogFull or whatever
  /// the database throws, within two seconds where it is locked; then nothing was stored and the sender
  /// should try again.
  Taken take(const std::string& section, const chat::IncomingMessage& incoming);

  /// Told what became of the message: its error is what take() would have thrown. Called by any thread, which
  /// holds up all that comes in meanwhile: it must neither wait nor throw.
  using Done = std::function<void(const chat::IncomingMessage&, const Taken&, std::exception_ptr error)>;
  /// The same, but no thread waits for the commit.
  void take_later(std::string section, chat::IncomingMessage incoming, Done done);

 private:
  friend class SectionReceiver;

  Taken arrive(store::Database& db, const std::string& section, const chat::IncomingMessage& incoming);
  void tell(const std::string& section, const chat::IncomingMessage& incoming, const Taken& taken);

  runtime::Services& services_;
  Backlog backlog_;  ///< touched by one write at a time
  store::CommitGroup& commits_;
};

}  // namespace bot::messages

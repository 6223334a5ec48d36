#pragma once

#include <string>

#include "base/guarded.h"
#include "bot/chat/platform.h"
#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::messages {

/// Stores what comes in (steps 1 and 2 of a message's way). Thread rule: any thread.
class Intake {
 public:
  Intake(runtime::Services& services, store::Database db) : services_(services), db_(std::move(db)) {}

  struct Taken {
    bool repeated = false;          ///< was stored earlier; nothing was done
    bool ignored = false;           ///< not meant for the bot, or an edit of what is answered already
    bool refused = false;           ///< this person may not write here
    bool told = false;              ///< of a refusal: it is answered; else it was not long ago
    store::MessageId message = {};  ///< where it was stored, also of a repeat; 0 where it was not
  };

  /// In one durable transaction: the message and the job that answers it. When this returns, the message
  /// cannot be lost. Throws whatever the database throws; then nothing was stored and the sender should try
  /// again.
  Taken take(const std::string& section, const chat::IncomingMessage& incoming);

 private:
  enum class Admission { granted, refused, refused_and_told };
  Admission admit(store::Database& db, const store::Conversation& conversation, const store::Person& person,
                  const chat::IncomingMessage& incoming);

  /// Further files of a message that is stored already.
  Taken take_more_files(store::Database& db, store::MessageId message, const chat::IncomingMessage& incoming);
  /// What was edited before it is answered is answered as it is now.
  Taken take_edit(store::Database& db, const std::string& section, const chat::IncomingMessage& incoming);

  runtime::Services& services_;
  base::Guarded<store::Database> db_;
};

}  // namespace bot::messages

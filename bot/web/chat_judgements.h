#pragma once

#include <optional>
#include <string>

#include "base/http.h"
#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::web {

/// What a person of the page says of an answer, and asks about it. Thread rule: that of the Database.
class ChatJudgements {
 public:
  ChatJudgements(runtime::Services& services, store::Database& db, std::string section, std::string user)
      : services_(services), db_(db), section_(std::move(section)), user_(std::move(user)) {}

  /// {"text","html"}: what /why says of the decision that the message came of; 404 where none did.
  base::HttpResponse why(store::MessageId message);

  /// The button by which a click says that the message was right or not, and the chat that shows it; nothing
  /// where it has none.
  struct Thumb {
    std::string chat_id;
    std::string button;
  };
  std::optional<Thumb> thumb(store::MessageId message, bool good);

 private:
  /// The message, where it is in a chat of this person.
  std::optional<store::Message> message(store::MessageId id);
  std::optional<store::DecisionRecord> decision_of(const store::Message& message);

  runtime::Services& services_;
  store::Database& db_;
  const std::string section_;
  const std::string user_;
};

}  // namespace bot::web

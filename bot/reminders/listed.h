#pragma once

#include <string>

#include "bot/access/permissions.h"
#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/reminders.h"

namespace bot::reminders {

/// What a person sees of reminders in a chat without a model, and does with their buttons. Only the owner of
/// one and an admin see and change it. Thread rule: that of the Database.
class Listed {
 public:
  Listed(runtime::Services& services, store::Database& db, const access::Permissions& permissions,
         const store::Conversation& conversation, const store::Person& person);

  /// The answer to /reminders: the person's own, where others read along those of that chat, to an admin
  /// there those of everybody; with "all" an admin sees in a direct chat those of everybody everywhere; with
  /// a number that one.
  store::Post list(const std::string& argument);

  /// Inside the transaction of the click on `button` of the message `shown`: does what it says, and returns
  /// the answer to it, Markdown.
  std::string press(const store::Button& button, store::MessageId shown);

 private:
  bool may_see(const store::Reminder& reminder) const;
  std::vector<store::Reminder> meant_by(const std::string& argument);
  std::string snooze(store::Reminder reminder, bool is_posted);
  /// That message, which told of the reminder when it came or lists it, as it is from now on.
  void show_again(store::MessageId shown, const store::Button& pressed, const store::Reminder& reminder);

  runtime::Services& services_;
  store::Database& db_;
  const access::Permissions& permissions_;
  const store::Conversation& conversation_;
  const store::Person& person_;
  store::Reminders reminders_;
};

}  // namespace bot::reminders

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// What a person wants to be reminded of, in the chat where they said so.
struct Reminder {
  ReminderId id = {};
  PersonId person;
  ConversationId conversation;
  std::string text;
  ReminderDoes does = ReminderDoes::say;
  std::string schedule = {};  ///< five cron fields in `zone`; empty: it comes once
  std::string zone;
  bool has_foreign_words = false;      ///< words of others may have caused it
  std::optional<base::Timestamp> due;  ///< the next time; nothing: it is over
  base::Timestamp made = {};
  /// The name of the chat that it was ordered in, which may be empty, where that chat was deleted since.
  std::optional<std::string> from_chat = std::nullopt;
  int left_out = 0;  ///< so many times, since it came last
};

/// Reminders, and the job of each that is not over: of the kind kJob, due at the reminder's time by the clock
/// on the wall. Thread rule: that of the Database.
class Reminders {
 public:
  static constexpr const char* kJob = "reminder";

  explicit Reminders(Database& db) : db_(db) {}

  /// Makes it, due at `reminder.due`. Forgets those that have been over for a week.
  ReminderId add(const Reminder& reminder, base::Timestamp now);
  std::optional<Reminder> find(ReminderId id);
  /// Those that are not over, the next one first.
  std::vector<Reminder> of(PersonId person, int limit);
  std::vector<Reminder> in(ConversationId conversation, int limit);
  std::vector<Reminder> all(int limit);
  /// Those whose time has come and whose jobs nobody has claimed, nor was ever at when the program died, due
  /// since longest first.
  std::vector<Reminder> unclaimed(base::Timestamp now, int limit);
  /// How many of them the person has.
  int count_of(PersonId person);
  /// How many of them come in the chat.
  int count_in(ConversationId conversation);

  /// Those of the chat that are not over come in the other one, and know the name of theirs, or of the one
  /// before that. Returns how many.
  int move_to(ConversationId other, ConversationId from, const std::string& name);
  /// Whether what a message of the reminder led to still waits or works: its turn, or a run that it ordered.
  bool is_at_work(ReminderId id);
  /// It was left out once more, or came: then it was left out no time.
  void set_left_out(ReminderId id, int times);

  /// It comes next at `due`, or never again: with its job, unless that runs now, which then is to end itself.
  void move(ReminderId id, std::optional<base::Timestamp> due, base::Timestamp now);

  /// That message tells of the reminder, or was written for its owner when it was due.
  void note_message(MessageId message, const Reminder& reminder);
  struct Origin {
    ReminderId reminder;
    bool has_foreign_words = false;
  };
  /// The reminder that note_message() was told of.
  std::optional<Origin> origin_of(MessageId message);

 private:
  Database& db_;
};

}  // namespace store

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bot::texts {

// What a chat shows of reminders. A text that a person chose, and a name, are Markdown already.

/// When one comes: "2026-11-28 15:00".
struct ReminderPosted {
  std::string text;
  std::string owner = {};               ///< where others read along
  std::optional<std::string> due = {};  ///< where it is late
  std::string zone = {};                ///< of that time
  bool was_away = false;                ///< the program did not run when it was due
  bool is_turn = false;                 ///< it is carried out now
  /// The name of the deleted chat in which it was ordered, which may be empty.
  std::optional<std::string> from_chat = {};
  int left_out = 0;  ///< so many times before, because it was still at work
};
std::string reminder_posted(const ReminderPosted& posted);
/// Instead of one that could not be carried out, however often it was tried.
std::string reminder_given_up(const std::string& due);

/// To the owner in another chat, or to an admin: it could not be posted in `chat`, and comes no more where it
/// would have come again.
std::string reminder_undelivered(const std::string& text, const std::string& due, const std::string& chat,
                                 const std::string& owner);

/// A line of the list.
struct ReminderListed {
  std::string id;
  std::string next;
  std::string schedule = {};  ///< five cron fields; empty: it comes once
  std::string text;
  bool is_turn = false;
  std::string owner = {};  ///< where it is not that of whoever asked
  std::string chat = {};   ///< where it is another one
};
std::string reminders_list(const std::vector<ReminderListed>& reminders, const std::string& zone,
                           bool some_without_buttons);
inline constexpr const char* kNoReminders =
    "There are no reminders of yours here. Tell me what to remind you of, and when.";
inline constexpr const char* kNoSuchReminder =
    "There is no such reminder here. `/reminders` lists those there are.";

/// Instead of an answer to a scheduled task.
inline constexpr const char* kScheduledTaskPutOff =
    "The assistant's model cannot answer right now. I try this task again after 1, 3 and 10 minutes.";

// The answers to buttons.
std::string reminder_put_off(const std::string& text, const std::string& until);
std::string reminder_deleted(const std::string& text);
std::string reminder_to_change(const std::string& text);
inline constexpr const char* kReminderOver = "That reminder is over.";
std::string too_many_reminders(int most);
/// `owner`: whose it is.
std::string only_they_can_change_reminder(const std::string& owner);
/// To an admin.
std::string only_they_can_say_reminder_anew(const std::string& owner);

}  // namespace bot::texts

#include "bot/texts/reminders.h"

#include <fmt/core.h>

namespace bot::texts {

std::string reminder_posted(const ReminderPosted& posted) {
  const auto whose = posted.owner.empty() ? "" : " for " + posted.owner;
  auto text = fmt::format("⏰ {}{}: {}", posted.is_turn ? "Scheduled task" : "Reminder", whose, posted.text);
  if (posted.due) {
    text += fmt::format("\n\nIt was due {} ({}){}.", *posted.due, posted.zone,
                        posted.was_away ? "; I was not running then" : ", and comes late");
  }
  if (posted.left_out > 0) {
    text +=
        fmt::format("\n\nBefore this it was left out {}, because the task was still at work.",
                    posted.left_out == 1 ? std::string("once") : fmt::format("{} times", posted.left_out));
  }
  if (posted.from_chat) {
    text += fmt::format("\n\nIt was set in {}.",
                        posted.from_chat->empty() ? std::string("a chat that was deleted")
                                                  : "\"" + *posted.from_chat + "\", a chat that was deleted");
  }
  return text;
}

std::string reminder_given_up(const std::string& due) {
  return fmt::format(
      "⏰ A reminder was due {}, but something in this program goes wrong with it each time. `/reminders` lists "
      "those that are left.",
      due);
}

std::string reminder_undelivered(const std::string& text, const std::string& due, const std::string& chat,
                                 const std::string& owner) {
  return fmt::format(
      "⏰ A reminder{} could not be posted in {}: {}\n\nIt was due {}, and will not come there again.",
      owner.empty() ? "" : " for " + owner, chat, text, due);
}

std::string reminders_list(const std::vector<ReminderListed>& reminders, const std::string& zone,
                           bool some_without_buttons) {
  auto text = fmt::format("Reminders (times of {}):\n\n", zone);
  for (const auto& r : reminders) {
    text += fmt::format("- `{}` {}", r.id, r.next);
    text += r.schedule.empty() ? "" : fmt::format(", then by `{}`", r.schedule);
    text += fmt::format(": {}{}", r.is_turn ? "(task) " : "", r.text);
    text += r.owner.empty() ? "" : " · " + r.owner;
    text += r.chat.empty() ? "\n" : " · in " + r.chat + "\n";
  }
  if (some_without_buttons) {
    text += "\n`/reminders NUMBER` shows the buttons of any of them.";
  }
  return text;
}

std::string reminder_put_off(const std::string& text, const std::string& until) {
  return fmt::format("⏰ {}: I'll remind you at {}.", text, until);
}

std::string reminder_deleted(const std::string& text) {
  return fmt::format("Deleted: {}", text);
}

std::string reminder_to_change(const std::string& text) {
  return fmt::format(
      "What should be different about the reminder \"{}\"? Say it as you like, such as \"at nine "
      "instead\".",
      text);
}

std::string too_many_reminders(int most) {
  return fmt::format("You have {} reminders, which is as many as I keep. Delete one first: `/reminders`.",
                     most);
}

std::string only_they_can_change_reminder(const std::string& owner) {
  return fmt::format("That is a reminder of {}: only they or an admin can change it.", owner);
}

std::string only_they_can_say_reminder_anew(const std::string& owner) {
  return fmt::format(
      "That is a reminder of {}: only they can say what is to be different. You can put it off or delete it.",
      owner);
}

}  // namespace bot::texts

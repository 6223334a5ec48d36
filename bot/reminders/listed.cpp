#include "bot/reminders/listed.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "bot/access/person_name.h"
#include "bot/access/time_zone.h"
#include "bot/chat/commands.h"
#include "bot/markup/literal_markdown.h"
#include "bot/reminders/asked_time.h"
#include "bot/reminders/tools.h"
#include "bot/texts/buttons.h"
#include "bot/texts/reminders.h"

namespace bot::reminders {
namespace {

constexpr std::chrono::minutes kSnooze{10};
/// No chat service takes more than 25 buttons everywhere.
constexpr std::size_t kMostWithButtons = 8;
constexpr std::size_t kLongestListed = 200;

std::string shown_text(const store::Reminder& reminder) {
  return markup::literal_with_addresses(base::ellipsize(reminder.text, kLongestListed));
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

Listed::Listed(runtime::Services& services, store::Database& db, const access::Permissions& permissions,
               const store::Conversation& conversation, const store::Person& person)
    : services_(services),
      db_(db),
      permissions_(permissions),
      conversation_(conversation),
      person_(person),
      reminders_(db) {}

bool Listed::may_see(const store::Reminder& reminder) const {
  const bool is_here = reminder.conversation == conversation_.id;
  return (reminder.person == person_.id || permissions_.role(person_) == access::Role::admin) &&
         (is_here || !conversation_.in_group);
}

std::vector<store::Reminder> Listed::meant_by(const std::string& argument) {
  const bool is_admin = permissions_.role(person_) == access::Role::admin;
  if (argument.empty()) {
    return conversation_.in_group ? reminders_.in(conversation_.id, is_admin ? kMostReminders : 10'000)
                                  : reminders_.of(person_.id, kMostReminders);
  }
  if (argument == "all" && is_admin && !conversation_.in_group) {
    return reminders_.all(kMostReminders);
  }
  const auto id = number(argument);
  const auto found = id ? reminders_.find({*id}) : std::nullopt;
  return found && found->due ? std::vector{*found} : std::vector<store::Reminder>();
}

store::Post Listed::list(const std::string& argument) {
  auto meant = meant_by(argument);
  std::erase_if(meant, [this](const auto& reminder) { return !may_see(reminder); });
  if (meant.empty()) {
    return {argument.empty() ? texts::kNoReminders : texts::kNoSuchReminder};
  }
  const auto zone = access::time_zone_of(services_, db_, person_.id);
  store::Post post;
  std::vector<texts::ReminderListed> lines;
  for (const auto& reminder : meant) {
    const auto id = std::to_string(reminder.id.value);
    texts::ReminderListed line{.id = id, .next = in_words(*reminder.due, zone), .text = shown_text(reminder)};
    line.schedule = reminder.schedule;
    line.is_turn = reminder.does == store::ReminderDoes::turn;
    if (reminder.person != person_.id) {
      line.owner = access::name_in_markdown(store::People(db_).get(reminder.person));
    }
    if (reminder.conversation != conversation_.id) {
      const auto there = store::Conversations(db_).get(reminder.conversation);
      line.chat = markup::inline_code(there.section + ":" + there.chat_id);
    }
    lines.push_back(std::move(line));
    if (lines.size() > kMostWithButtons) {
      continue;
    }
    const auto which = meant.size() == 1 ? std::string() : " " + id;
    for (const auto& [kind, label] : {std::pair(store::ButtonKind::snooze, texts::kSnooze),
                                      std::pair(store::ButtonKind::change_reminder, texts::kChange),
                                      std::pair(store::ButtonKind::delete_reminder, texts::kDelete)}) {
      if (kind != store::ButtonKind::change_reminder || reminder.person == person_.id) {
        post.buttons.push_back({kind, reminder.id.value, label + which});
      }
    }
  }
  const auto* const platform = services_.platform(conversation_.section);
  post.text = chat::with_command_prefix(
      texts::reminders_list(lines, zone, meant.size() > kMostWithButtons),
      (platform != nullptr ? platform->features() : chat::Features()).command_prefix);
  return post;
}

std::string Listed::press(const store::Button& button, store::MessageId shown) {
  const auto reminder = reminders_.find({button.ref});
  if (!reminder) {
    return texts::kReminderOver;
  }
  if (reminder->person != person_.id) {
    const auto owner = access::name_in_markdown(store::People(db_).get(reminder->person));
    if (permissions_.role(person_) != access::Role::admin) {
      return texts::only_they_can_change_reminder(owner);
    }
    if (button.kind == store::ButtonKind::change_reminder) {  // the secretary changes the person's own only
      return texts::only_they_can_say_reminder_anew(owner);
    }
  }
  const bool is_posted = reminders_.origin_of(shown).has_value();
  if (button.kind == store::ButtonKind::snooze && (reminder->due || is_posted)) {
    // One that came is over, or comes again by itself: put off, it is one more.
    if (is_posted && reminders_.count_of(reminder->person) >= kMostReminders) {
      return texts::too_many_reminders(kMostReminders);
    }
    auto answer = snooze(*reminder, is_posted);
    show_again(shown, button, *reminder);
    return answer;
  }
  if (!reminder->due) {
    return texts::kReminderOver;
  }
  if (button.kind == store::ButtonKind::change_reminder) {
    return texts::reminder_to_change(shown_text(*reminder));
  }
  reminders_.move(reminder->id, std::nullopt, services_.clock.now());
  show_again(shown, button, *reminder);
  return texts::reminder_deleted(shown_text(*reminder));
}

std::string Listed::snooze(store::Reminder reminder, bool is_posted) {
  const auto now = services_.clock.now();
  const auto until = (is_posted ? now : *reminder.due) + kSnooze;
  if (is_posted && reminder.due) {  // it comes again by itself, and once more before that
    reminder.schedule.clear();
    reminder.due = until;
    reminders_.add(reminder, now);
  } else {
    reminders_.move(reminder.id, until, now);
  }
  return texts::reminder_put_off(shown_text(reminder),
                                 in_words(until, access::time_zone_of(services_, db_, person_.id)));
}

void Listed::show_again(store::MessageId shown, const store::Button& pressed,
                        const store::Reminder& reminder) {
  auto buttons = store::Conversations(db_).buttons(shown);
  auto text = store::Conversations(db_).message(shown).text;
  if (reminders_.origin_of(shown)) {
    std::erase_if(buttons, [&](const auto& button) { return button.kind == pressed.kind; });
  } else if (reminder.person == person_.id) {
    auto now = list({});
    text = std::move(now.text);
    buttons = std::move(now.buttons);
  } else {  // of an admin's list
    std::erase_if(buttons, [&](const auto& button) { return button.ref == pressed.ref; });
  }
  store::Outbox(db_).edit(shown, text, buttons, services_.clock.now());
}

}  // namespace bot::reminders

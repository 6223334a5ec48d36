#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/reminders/schedule.h"
#include "router/tool_source.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/reminders.h"

namespace bot::reminders {

/// Of one person.
inline constexpr int kMostReminders = 100;

/// The secretary's tools set_reminder, list_reminders and cancel_reminder, for one turn of a person in a
/// chat: they see that person's reminders alone, and where others read along only those of that chat.
class ReminderTools : public router::ToolSource {
 public:
  struct Scope {
    store::Conversation conversation;
    store::PersonId person;
    store::MessageId message;  ///< what is answered
    std::string zone;
    std::function<bool()> has_foreign_words;  ///< whether words of others came into the turn so far
  };
  ReminderTools(store::Database& db, const base::Clock& clock, Scope scope);

  std::vector<llm::ToolSpec> specs() override;
  std::optional<Result> call(const llm::ToolCall& call, std::stop_token stop) override;
  std::string context() override;
  void carry_out() override;

 private:
  /// What is set or cancelled when the turn ends.
  struct Ordered {
    std::optional<store::Reminder> set;
    std::optional<Schedule> schedule;
    store::ReminderId cancelled;
  };
  llm::ToolResult set(const llm::ToolCall& call);
  /// Fills in when it comes; a sentence where it cannot.
  std::optional<std::string> read_time(const std::string& at, const std::string& every, Ordered& ordered);
  llm::ToolResult list(const std::string& call);
  llm::ToolResult cancel(const llm::ToolCall& call);
  std::string line(const store::Reminder& reminder) const;
  bool is_seen_here(const store::Reminder& reminder) const;
  /// The reminder whose button Change the person pressed just before.
  std::optional<store::Reminder> to_be_changed();

  store::Database& db_;
  const base::Clock& clock_;
  const Scope scope_;
  store::Reminders reminders_;
  std::vector<Ordered> ordered_;
};

}  // namespace bot::reminders

#include "bot/reminders/due.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/log_event.h"
#include "bot/access/permissions.h"
#include "bot/access/person_name.h"
#include "bot/markup/literal_markdown.h"
#include "bot/reminders/asked_time.h"
#include "bot/reminders/schedule.h"
#include "bot/texts/buttons.h"
#include "bot/texts/reminders.h"
#include "store/conversations.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/reminders.h"

namespace bot::reminders {
namespace {

/// Exceptions; the end of the program is no attempt.
constexpr int kMostAttempts = 20;
/// So many more that are due are carried out in one transaction, which is short enough for others that write.
constexpr int kTogether = 20;
/// What comes later than that says so.
constexpr std::chrono::minutes kLate{1};

std::optional<base::Timestamp> next_of(const store::Reminder& reminder, base::Timestamp now) {
  const auto parsed = Schedule::parse(reminder.schedule);
  const auto* const schedule = std::get_if<Schedule>(&parsed);
  return reminder.schedule.empty() || schedule == nullptr ? std::nullopt : schedule->next(now, reminder.zone);
}

/// One reminder whose time has come, inside the transaction of its job.
class Due {
 public:
  Due(runtime::Services& services, store::Database& db, store::Reminder reminder, base::Timestamp started)
      : services_(services),
        db_(db),
        reminder_(std::move(reminder)),
        started_(started),
        now_(services.clock.now()),
        conversation_(store::Conversations(db).get(reminder_.conversation)),
        owner_(store::People(db).get(reminder_.person)) {}

  /// Posts it and sets when it comes again. Returns what became of it, for the log; so does the next.
  const char* carry_out() const {
    store::Reminders reminders(db_);
    const bool allowed = is_allowed();
    // What takes longer than its period would pile up.
    const bool left_out = allowed && !reminder_.schedule.empty() && reminders.is_at_work(reminder_.id);
    if (left_out) {
      reminders.set_left_out(reminder_.id, reminder_.left_out + 1);
    } else if (allowed) {
      post();
    }
    reminders.move(reminder_.id, allowed ? next_of(reminder_, now_) : std::nullopt, now_);
    return left_out ? "left out, still at work" : allowed ? "posted" : "not allowed any more";
  }

  const char* give_up() const {
    base::log_error("reminder {} could not be carried out; giving up", reminder_.id.value);
    store::Outbox(db_).post(conversation_,
                            {texts::reminder_given_up(in_words(*reminder_.due, reminder_.zone))}, now_);
    store::Reminders(db_).move(reminder_.id, std::nullopt, now_);
    return "given up";
  }

  void tell_log(const char* outcome) const {
    base::log_event("reminded", {{"reminder", reminder_.id.value},
                                 {"do", to_string(reminder_.does)},
                                 {"late_ms", (now_ - *reminder_.due).count()},
                                 {"outcome", std::string(outcome)}});
  }

 private:
  /// Whether its owner may still write in that chat. Where the section is gone from the configuration, nobody
  /// can tell, and the post waits for it to come back.
  bool is_allowed() const {
    const auto policy = services_.policy();
    const auto rules = policy->access.find(conversation_.section);
    return rules == policy->access.end() ||
           access::may_write(db_, rules->second, owner_, store::place_of(conversation_),
                             store::People(db_).standing(owner_.id));
  }

  void post() const {
    const bool is_turn = reminder_.does == store::ReminderDoes::turn;
    texts::ReminderPosted posted{.text = markup::literal_lines(reminder_.text), .is_turn = is_turn};
    if (conversation_.in_group) {
      posted.owner = access::name_in_markdown(owner_);
    }
    if (was_away() || now_ - *reminder_.due > kLate) {
      posted.due = in_words(*reminder_.due, reminder_.zone);
      posted.zone = reminder_.zone;
      posted.was_away = was_away();
    }
    if (reminder_.from_chat) {
      posted.from_chat = markup::literal_markdown(*reminder_.from_chat);
    }
    posted.left_out = reminder_.left_out;
    if (reminder_.left_out > 0) {
      store::Reminders(db_).set_left_out(reminder_.id, 0);
    }
    std::vector<store::Button> buttons;
    if (!is_turn) {
      buttons.push_back({store::ButtonKind::snooze, reminder_.id.value, texts::kSnooze});
    }
    if (!reminder_.schedule.empty()) {
      buttons.push_back({store::ButtonKind::delete_reminder, reminder_.id.value, texts::kDelete});
    }
    const auto message =
        store::Outbox(db_).post(conversation_, {texts::reminder_posted(posted), buttons}, now_);
    store::Reminders(db_).note_message(message, reminder_);
    if (is_turn) {
      give_to_secretary();
    }
  }

  /// A start that is still to come shows that the clock was set back: then nobody can tell.
  bool was_away() const { return *reminder_.due < started_ && started_ <= now_; }

  void give_to_secretary() const {
    const auto message = store::Conversations(db_).add_incoming(conversation_.id, owner_.id, {},
                                                                reminder_.text, std::nullopt, now_);
    store::Reminders(db_).note_message(message, reminder_);
    store::JobQueue(db_).enqueue(runtime::kTurnJob, conversation_.id.value, message.value, now_,
                                 {.owner = owner_.id.value});
  }

  runtime::Services& services_;
  store::Database& db_;
  const store::Reminder reminder_;
  const base::Timestamp started_;
  const base::Timestamp now_;
  const store::Conversation conversation_;
  const store::Person owner_;
};

}  // namespace

void come_due(runtime::Services& services, store::Database& db, const store::Job& job,
              base::Timestamp started) {
  base::crash_point(base::CrashPoint::reminder_claimed, job.ref);
  store::JobQueue queue(db);
  store::Reminders reminders(db);
  std::vector<std::pair<Due, const char*>> told;
  {
    store::Transaction transaction(db, services.notifier);
    const auto now = services.clock.now();
    const auto reminder = reminders.find({job.ref});
    if (reminder && reminder->due && *reminder->due > now) {
      queue.give_back(job, {}, *reminder->due);  // it was put off, or the clock was set back, meanwhile
      transaction.commit();
      return;
    }
    if (reminder && reminder->due) {
      Due due(services, db, *reminder, started);
      const bool is_hopeless = job.trial == store::JobTrial::proven || job.attempt > kMostAttempts;
      const auto* const outcome = is_hopeless ? due.give_up() : due.carry_out();
      told.emplace_back(std::move(due), outcome);
    }
    // What the program may have died of is alone in its transaction.
    if (job.marks == 0 && job.cuts == 0 && job.attempt == 1) {
      for (const auto& other : reminders.unclaimed(now, kTogether)) {
        Due due(services, db, other, started);
        const auto* const outcome = due.carry_out();
        told.emplace_back(std::move(due), outcome);
      }
    }
    if (!queue.complete(job)) {
      return;
    }
    base::crash_point(base::CrashPoint::reminder_settling, job.ref);
    transaction.commit();
  }
  base::crash_point(base::CrashPoint::reminder_settled, job.ref);
  for (const auto& [due, outcome] : told) {
    due.tell_log(outcome);
  }
}

}  // namespace bot::reminders

#include "store/reminders.h"

#include <chrono>

#include "store/job_queue.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr std::chrono::hours kForgottenAfter{7 * 24};

std::string select_reminder(const char* where) {
  return std::string(
             "SELECT id, person_id, conversation_id, text, does, schedule, zone, has_foreign_words, due_at, "
             "made_at, from_chat, left_out FROM reminders ") +
         where;
}

Reminder read_reminder(Statement& row) {
  Reminder r;
  row.read(r.id, r.person, r.conversation, r.text, r.does, r.schedule, r.zone, r.has_foreign_words, r.due,
           r.made, r.from_chat, r.left_out);
  return r;
}

}  // namespace

ReminderId Reminders::add(const Reminder& reminder, base::Timestamp now) {
  Statement(db_, "DELETE FROM reminders WHERE ended_at < ?", now - kForgottenAfter).execute();
  Statement(
      db_,
      "INSERT INTO reminders(person_id, conversation_id, text, does, schedule, zone, has_foreign_words, "
      "due_at, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      reminder.person, reminder.conversation, reminder.text, reminder.does, reminder.schedule, reminder.zone,
      static_cast<int>(reminder.has_foreign_words), reminder.due.value(), now)
      .execute();
  const ReminderId id{db_.last_row_id()};
  JobQueue(db_).enqueue(kJob, id.value, id.value, now, {.not_before = *reminder.due, .by_the_wall = true});
  return id;
}

std::optional<Reminder> Reminders::find(ReminderId id) {
  return Statement(db_, select_reminder("WHERE id = ?"), id).first(read_reminder);
}

std::vector<Reminder> Reminders::of(PersonId person, int limit) {
  return Statement(db_, select_reminder("WHERE person_id = ? AND due_at > 0 ORDER BY due_at LIMIT ?"), person,
                   limit)
      .all(read_reminder);
}

std::vector<Reminder> Reminders::in(ConversationId conversation, int limit) {
  return Statement(
             db_, select_reminder("WHERE conversation_id = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT ?"),
             conversation, limit)
      .all(read_reminder);
}

std::vector<Reminder> Reminders::all(int limit) {
  return Statement(db_, select_reminder("WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?"), limit)
      .all(read_reminder);
}

std::vector<Reminder> Reminders::unclaimed(base::Timestamp now, int limit) {
  return Statement(
             db_,
             select_reminder("WHERE due_at <= ?1 AND id IN (SELECT ref FROM jobs WHERE kind = 'reminder' AND "
                             "state = 'ready' AND head = 1 AND not_before <= ?1 AND marks = 0 AND cuts = 0 "
                             "ORDER BY not_before, id LIMIT ?2) ORDER BY due_at, id"),
             now, limit)
      .all(read_reminder);
}

int Reminders::count_of(PersonId person) {
  return Statement(db_, "SELECT count(*) FROM reminders WHERE person_id = ? AND due_at > 0", person)
      .first<int>()
      .value_or(0);
}

int Reminders::count_in(ConversationId conversation) {
  return Statement(db_, "SELECT count(*) FROM reminders WHERE conversation_id = ? AND due_at IS NOT NULL",
                   conversation)
      .first<int>()
      .value_or(0);
}

int Reminders::move_to(ConversationId other, ConversationId from, const std::string& name) {
  return Statement(db_,
                   "UPDATE reminders SET conversation_id = ?1, from_chat = coalesce(from_chat, ?3) WHERE "
                   "conversation_id = ?2 AND due_at IS NOT NULL",
                   other, from, name)
      .execute();
}

bool Reminders::is_at_work(ReminderId id) {
  return Statement(
             db_,
             "SELECT 1 FROM messages m WHERE m.id = (SELECT max(r.message_id) FROM reminder_messages r JOIN "
             "messages x ON x.id = r.message_id AND x.author = 'user' WHERE r.reminder_id = ?) AND (EXISTS "
             "(SELECT 1 FROM jobs WHERE kind IN ('turn', 'quick-turn') AND lane = m.conversation_id AND ref = "
             "m.id) OR EXISTS (SELECT 1 FROM decisions d JOIN dispatches r ON r.decision_id = d.id AND r.state "
             "<> 'finished' WHERE d.message_id = m.id OR d.follows_id IN (SELECT id FROM decisions WHERE "
             "message_id = m.id)))",
             id)
      .any();
}

void Reminders::set_left_out(ReminderId id, int times) {
  Statement(db_, "UPDATE reminders SET left_out = ? WHERE id = ?", times, id).execute();
}

void Reminders::move(ReminderId id, std::optional<base::Timestamp> due, base::Timestamp now) {
  Statement(db_,
            "UPDATE reminders SET due_at = ?2, ended_at = CASE WHEN ?2 IS NULL THEN ?3 END WHERE id = ?1", id,
            due, now)
      .execute();
  JobQueue queue(db_);
  queue.withdraw(kJob, id.value);
  if (due) {
    queue.enqueue(kJob, id.value, id.value, now, {.not_before = *due, .by_the_wall = true});
  }
}

void Reminders::note_message(MessageId message, const Reminder& reminder) {
  Statement(db_,
            "INSERT INTO reminder_messages(message_id, reminder_id, person_id, has_foreign_words) "
            "VALUES (?, ?, ?, ?)",
            message, reminder.id, reminder.person, static_cast<int>(reminder.has_foreign_words))
      .execute();
}

std::optional<Reminders::Origin> Reminders::origin_of(MessageId message) {
  return Statement(db_, "SELECT reminder_id, has_foreign_words FROM reminder_messages WHERE message_id = ?",
                   message)
      .first([](Statement& row) {
        Origin origin;
        row.read(origin.reminder, origin.has_foreign_words);
        return origin;
      });
}

}  // namespace store

#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kOfReminders = R"sql(
-- What people want to be reminded of, see Reminders. `schedule`: five cron fields, empty: once; due_at: the next time,
-- NULL: it is over.
CREATE TABLE reminders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id INTEGER NOT NULL REFERENCES people(id),
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  text TEXT NOT NULL,
  does TEXT NOT NULL CONSTRAINT reminders_does CHECK (does IN ('say', 'turn')),
  schedule TEXT NOT NULL,
  zone TEXT NOT NULL,
  has_foreign_words INTEGER NOT NULL,
  due_at INTEGER,
  made_at INTEGER NOT NULL,
  ended_at INTEGER,
  CONSTRAINT reminders_over CHECK ((due_at IS NULL) = (ended_at IS NOT NULL)));
CREATE INDEX reminders_of_person ON reminders(person_id, due_at);
CREATE INDEX reminders_in_chat ON reminders(conversation_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX reminders_over ON reminders(ended_at) WHERE ended_at IS NOT NULL;
-- Messages of ours that tell of one, and messages of its owner that the program wrote when it was due.
CREATE TABLE reminder_messages (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id),
  reminder_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL REFERENCES people(id),
  has_foreign_words INTEGER NOT NULL);
CREATE INDEX reminder_messages_of_person ON reminder_messages(person_id);

CREATE TABLE buttons_with_reminders (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option', 'file', 'raise',
     'just_answer', 'good', 'bad', 'drop', 'retry', 'remember', 'leave', 'forget', 'snooze', 'change_reminder', 'delete_reminder')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_reminders SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_reminders RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;
)sql";

}  // namespace store

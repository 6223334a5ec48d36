#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kFifteenth = R"sql(
-- Repair in one tap: what a person answers, presses or does next says something of a decision.
CREATE TABLE verdicts_with_source (
  id INTEGER PRIMARY KEY,
  decision_id INTEGER NOT NULL REFERENCES decisions(id),
  verdict TEXT NOT NULL CONSTRAINT verdicts_verdict CHECK
    (verdict IN ('right', 'should_answer', 'should_dispatch', 'bad_result', 'withdrawn')),
  note TEXT NOT NULL,
  person_id INTEGER REFERENCES people(id),
  given_at INTEGER NOT NULL,
  source TEXT NOT NULL CONSTRAINT verdicts_source CHECK
    (source IN ('said', 'button', 'reaction', 'reask', 'command', 'cancelled', 'trivial')),
  message_id INTEGER REFERENCES messages(id));
INSERT INTO verdicts_with_source SELECT id, decision_id, verdict, note, person_id, given_at, 'said', NULL FROM verdicts;
DROP TABLE verdicts;
ALTER TABLE verdicts_with_source RENAME TO verdicts;
CREATE INDEX verdicts_by_decision ON verdicts(decision_id, id);
CREATE INDEX verdicts_by_message ON verdicts(message_id) WHERE message_id IS NOT NULL;

CREATE TABLE buttons_with_repair (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option', 'file', 'raise',
     'just_answer', 'good', 'bad')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_repair SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_repair RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;

-- Why the thresholds of a turn are not those of the settings.
ALTER TABLE judgements ADD COLUMN adjustment TEXT NOT NULL DEFAULT '';

-- Thresholds that were set in the console, the last row of a scope in force; without numbers: reset.
CREATE TABLE routing_console (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  ask_at REAL,
  dispatch_at REAL,
  reason TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL);
)sql";

}  // namespace store

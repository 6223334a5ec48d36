#pragma once

namespace store {

// A migration, see migrations.cpp.
inline constexpr const char* kCrashSchema = R"sql(
-- What a death of the program says of the jobs that ran then, decision 0015.
ALTER TABLE jobs ADD COLUMN cuts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN solo INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN trial TEXT CONSTRAINT jobs_trial CHECK (trial IN ('alone', 'proven'));
CREATE INDEX jobs_suspect ON jobs(solo, id) WHERE marks >= 2;
-- Deaths of the program by its own fault.
CREATE TABLE crashes (
  id INTEGER PRIMARY KEY,
  pid INTEGER NOT NULL,
  at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  work TEXT NOT NULL,
  proven INTEGER NOT NULL,
  UNIQUE (pid, at));

CREATE TABLE buttons_with_retry (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option', 'file', 'raise',
     'just_answer', 'good', 'bad', 'drop', 'retry')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_retry SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_retry RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;
)sql";

}  // namespace store

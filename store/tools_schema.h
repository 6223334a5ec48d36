#pragma once

namespace store {

/// The secretary's tools by MCP.
inline constexpr const char* kToolsSchema = R"sql(
-- Calls of tools, each before it is made. `hash` is that of server, tool, its schema and the arguments.
CREATE TABLE tool_calls (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  person_id INTEGER NOT NULL REFERENCES people(id),
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  arguments TEXT NOT NULL,
  hash TEXT NOT NULL,
  only_reads INTEGER NOT NULL,
  state TEXT NOT NULL CONSTRAINT tool_calls_state CHECK (state IN
    ('open', 'running', 'done', 'failed', 'uncertain', 'refused', 'replaced', 'expired')),
  shown_id INTEGER REFERENCES messages(id),
  result TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER,
  begun_at INTEGER,
  ended_at INTEGER);
CREATE INDEX tool_calls_by_message ON tool_calls(message_id, id);
CREATE INDEX tool_calls_by_person ON tool_calls(person_id, id);
CREATE INDEX tool_calls_open ON tool_calls(conversation_id, person_id) WHERE state = 'open';
CREATE INDEX tool_calls_running ON tool_calls(id) WHERE state = 'running';

-- What a tool looked like when it was first allowed, or when an operator looked last. One that looks different
-- is off.
CREATE TABLE tool_schemas (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  hash TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (server, tool)) WITHOUT ROWID;

-- Comparisons, because of findings/sqlite-check-in-list.sh.
CREATE TABLE buttons_with_calls (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind = 'give' OR kind = 'good' OR kind = 'bad' OR kind = 'yes' OR kind = 'no' OR kind = 'continue' OR
    kind = 'cancel' OR kind = 'allow' OR kind = 'allow_for_task' OR kind = 'deny' OR kind = 'change' OR
    kind = 'option' OR kind = 'file' OR kind = 'raise' OR kind = 'just_answer' OR kind = 'drop' OR
    kind = 'retry' OR kind = 'remember' OR kind = 'leave' OR kind = 'forget' OR kind = 'snooze' OR
    kind = 'change_reminder' OR kind = 'delete_reminder' OR kind = 'do' OR kind = 'change_call' OR
    kind = 'refuse_call'),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_calls SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_calls RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;
)sql";

}  // namespace store

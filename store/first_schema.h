#pragma once

namespace store {

/// The schema of the first release, with which the migrations begin.
inline constexpr const char* kFirstSchema = R"sql(
CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  section TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  admitted_at INTEGER,
  refused_at INTEGER,
  UNIQUE (section, user_id));

CREATE TABLE pairing_codes (
  code_hash TEXT PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people(id),
  expires_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  section TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  context_from INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (section, chat_id));

CREATE TABLE inbound_ids (
  section TEXT NOT NULL,
  external_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  message_id INTEGER,
  PRIMARY KEY (section, external_id)) WITHOUT ROWID;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  author TEXT NOT NULL CONSTRAINT messages_author CHECK (author IN ('user', 'assistant')),
  person_id INTEGER REFERENCES people(id),
  external_id TEXT,
  text TEXT NOT NULL,
  button TEXT,
  dispatch_id INTEGER,
  created_at INTEGER NOT NULL,
  edited_at INTEGER);
CREATE INDEX messages_by_conversation ON messages(conversation_id, id);

CREATE TABLE buttons (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;

CREATE TABLE projects (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  conversation_id INTEGER REFERENCES conversations(id),
  description TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL);
CREATE INDEX projects_by_conversation ON projects(conversation_id, updated_at);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  person_id INTEGER NOT NULL REFERENCES people(id),
  action TEXT NOT NULL CONSTRAINT decisions_action CHECK (action IN ('answer', 'ask', 'dispatch')),
  p REAL NOT NULL CONSTRAINT decisions_p CHECK (p > 0 AND p < 1),
  ask_at REAL NOT NULL,
  dispatch_at REAL NOT NULL,
  layer TEXT NOT NULL,
  cause TEXT NOT NULL,
  reason TEXT NOT NULL,
  proposal TEXT,
  question TEXT CONSTRAINT decisions_question CHECK (question IN ('open', 'yes', 'no', 'expired')),
  decided_at INTEGER NOT NULL,
  answered_at INTEGER,
  CONSTRAINT decisions_question_of_ask CHECK ((action = 'ask') = (question IS NOT NULL)));
CREATE INDEX decisions_by_conversation ON decisions(conversation_id, id);
CREATE INDEX decisions_open ON decisions(conversation_id, id) WHERE question = 'open';

CREATE TABLE dispatches (
  id INTEGER PRIMARY KEY,
  decision_id INTEGER NOT NULL UNIQUE REFERENCES decisions(id),
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  person_id INTEGER NOT NULL REFERENCES people(id),
  project_id INTEGER NOT NULL REFERENCES projects(id),
  note_id INTEGER REFERENCES messages(id),
  action TEXT NOT NULL CONSTRAINT dispatches_action CHECK (action IN ('run', 'resume', 'review')),
  prompt TEXT NOT NULL,
  specialist TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT dispatches_state CHECK (state IN ('queued', 'running', 'finished')),
  outcome TEXT CONSTRAINT dispatches_outcome CHECK
    (outcome IN ('success', 'error', 'blocked', 'timeout', 'cancelled', 'interrupted')),
  session_id TEXT NOT NULL,
  session_begun INTEGER NOT NULL DEFAULT 0,
  resumes_session INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  record TEXT NOT NULL DEFAULT '',
  cancelled_by INTEGER REFERENCES people(id),
  result TEXT NOT NULL DEFAULT '',
  facts TEXT NOT NULL DEFAULT '{}',
  usd REAL NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  CONSTRAINT dispatches_outcome_of_finished CHECK ((state = 'finished') = (outcome IS NOT NULL)));
CREATE INDEX dispatches_by_project ON dispatches(project_id, id);
CREATE INDEX dispatches_open ON dispatches(conversation_id, id) WHERE state <> 'finished';

CREATE TABLE approvals (
  id INTEGER PRIMARY KEY,
  dispatch_id INTEGER NOT NULL REFERENCES dispatches(id),
  message_id INTEGER REFERENCES messages(id),
  request_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT approvals_kind CHECK (kind IN ('permission', 'question', 'plan')),
  tool TEXT NOT NULL,
  detail TEXT NOT NULL,
  questions TEXT NOT NULL,
  answers TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL DEFAULT 'open' CONSTRAINT approvals_state CHECK
    (state IN ('open', 'allowed', 'allowed_for_task', 'denied', 'answered', 'expired')),
  comment TEXT NOT NULL DEFAULT '',
  settled_by INTEGER REFERENCES people(id),
  asked_at INTEGER NOT NULL,
  settled_at INTEGER,
  CONSTRAINT approvals_settled CHECK ((state = 'open') = (settled_at IS NULL)));
CREATE INDEX approvals_by_dispatch ON approvals(dispatch_id, id);
CREATE INDEX approvals_open ON approvals(id) WHERE state = 'open';

CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  conversation_id INTEGER REFERENCES conversations(id),
  person_id INTEGER REFERENCES people(id),
  dispatch_id INTEGER REFERENCES dispatches(id),
  purpose TEXT NOT NULL CONSTRAINT ledger_purpose CHECK (purpose IN ('secretary', 'summary', 'specialist')),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  usd REAL NOT NULL);
CREATE INDEX ledger_by_time ON ledger(at);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  conversation_id INTEGER NOT NULL REFERENCES conversations(id),
  message_id INTEGER NOT NULL REFERENCES messages(id),
  kind TEXT NOT NULL CONSTRAINT outbox_kind CHECK (kind IN ('message', 'edit')),
  body TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new' CONSTRAINT outbox_state CHECK (state IN ('new', 'attempted', 'delivered', 'dead')),
  external_id TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER);
CREATE INDEX outbox_by_message ON outbox(message_id, id);
CREATE INDEX outbox_dead ON outbox(id) WHERE state = 'dead';

CREATE TABLE probes (
  id INTEGER PRIMARY KEY CONSTRAINT probes_one_row CHECK (id = 1),
  at INTEGER NOT NULL);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  lane INTEGER NOT NULL,
  ref INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'ready' CONSTRAINT jobs_state CHECK (state IN ('ready', 'running')),
  attempt INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL);
CREATE INDEX jobs_ready ON jobs(kind, id) WHERE state = 'ready';
CREATE INDEX jobs_by_lane ON jobs(kind, lane, id);
)sql";

}  // namespace store

#include "store/migrations.h"

#include <algorithm>
#include <array>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/core.h>

#include "base/error.h"

namespace store {
namespace {

// A migration that has been released is never edited; a change of the schema is a new one at the end.
// Times are milliseconds since the Unix epoch, money is US dollars.
constexpr const char* kFirst = R"sql(
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

constexpr const char* kSecond = R"sql(
-- A task that was passed on to a run that was going on, see DispatchLog::join().
ALTER TABLE dispatches ADD COLUMN joined_id INTEGER REFERENCES dispatches(id);
CREATE INDEX approvals_by_message ON approvals(message_id);
)sql";

constexpr const char* kThird = R"sql(
-- The service's own messages that show a message of ours, see MessageParts.
CREATE TABLE pieces (
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  external_id TEXT NOT NULL DEFAULT '',
  shown TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CONSTRAINT pieces_state CHECK (state IN ('attempted', 'sent', 'uncertain')),
  doubtful INTEGER NOT NULL DEFAULT 0,
  attempted_at INTEGER NOT NULL,
  PRIMARY KEY (message_id, position)) WITHOUT ROWID;
CREATE INDEX pieces_uncertain ON pieces(message_id) WHERE state = 'uncertain' OR doubtful > 0;

-- What a service gives along with a message to answer it with, for a while.
CREATE TABLE reply_tickets (
  message_id INTEGER PRIMARY KEY REFERENCES messages(id),
  ticket TEXT NOT NULL,
  expires_at INTEGER NOT NULL);

-- Files that came along with a message.
CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER,
  dispatch_id INTEGER REFERENCES dispatches(id),
  path TEXT NOT NULL DEFAULT '',
  problem TEXT NOT NULL DEFAULT '');
CREATE INDEX attachments_by_message ON attachments(message_id);
CREATE INDEX attachments_by_dispatch ON attachments(dispatch_id) WHERE dispatch_id IS NOT NULL;

-- Files of a project that a button offers.
CREATE TABLE offered_files (
  id INTEGER PRIMARY KEY,
  dispatch_id INTEGER NOT NULL REFERENCES dispatches(id),
  path TEXT NOT NULL);

-- Admission by pairing counts for direct messages or for one group.
CREATE TABLE admissions (
  person_id INTEGER NOT NULL REFERENCES people(id),
  place TEXT NOT NULL,
  admitted_at INTEGER,
  refused_at INTEGER,
  PRIMARY KEY (person_id, place)) WITHOUT ROWID;
INSERT INTO admissions SELECT id, 'direct', admitted_at, refused_at FROM people
  WHERE admitted_at IS NOT NULL OR refused_at IS NOT NULL;
ALTER TABLE people DROP COLUMN admitted_at;
ALTER TABLE people DROP COLUMN refused_at;
ALTER TABLE pairing_codes ADD COLUMN place TEXT NOT NULL DEFAULT 'direct';
ALTER TABLE conversations ADD COLUMN in_group INTEGER NOT NULL DEFAULT 0;

CREATE TABLE buttons_with_files (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option', 'file')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_files SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_files RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;

CREATE INDEX messages_by_external_id ON messages(conversation_id, external_id) WHERE author = 'user';
)sql";

constexpr const char* kFourth = R"sql(
-- The chat that a thread is part of, and that has the projects; a conversation that is no thread is its own.
ALTER TABLE conversations ADD COLUMN room TEXT NOT NULL DEFAULT '';
UPDATE conversations SET room = CASE WHEN in_group = 1 AND instr(chat_id, '/') > 0
  THEN substr(chat_id, 1, instr(chat_id, '/') - 1) ELSE chat_id END;
CREATE INDEX conversations_by_room ON conversations(section, room);
)sql";

constexpr const char* kFifth = R"sql(
-- Files of albums of which nobody knows yet whether they are meant for the bot, for some minutes.
CREATE TABLE held_attachments (
  id INTEGER PRIMARY KEY,
  section TEXT NOT NULL,
  album TEXT NOT NULL,
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER,
  held_at INTEGER NOT NULL);

-- Edits that came before the message itself, for some minutes.
CREATE TABLE held_edits (
  section TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  text TEXT NOT NULL,
  held_at INTEGER NOT NULL,
  PRIMARY KEY (section, chat_id, external_id)) WITHOUT ROWID;
)sql";

constexpr const char* kSixth = R"sql(
CREATE TABLE cursors (
  section TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (section, name)) WITHOUT ROWID;
)sql";

constexpr const char* kSeventh = R"sql(
-- The decision that the secretary was called for; NULL of a call before this and of one whose turn broke off.
ALTER TABLE ledger ADD COLUMN decision_id INTEGER REFERENCES decisions(id);
CREATE INDEX ledger_by_decision ON ledger(decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX ledger_by_dispatch ON ledger(dispatch_id) WHERE dispatch_id IS NOT NULL;
)sql";

constexpr const char* kEighth = R"sql(
-- What became of a decision where neither its question nor its dispatch says it.
ALTER TABLE decisions ADD COLUMN outcome TEXT CONSTRAINT decisions_outcome CHECK
  (outcome IN ('failed', 'over_budget', 'declined', 'joined'));
-- The question that this decision is the answer to.
ALTER TABLE decisions ADD COLUMN follows_id INTEGER REFERENCES decisions(id);
CREATE INDEX decisions_by_question ON decisions(follows_id) WHERE follows_id IS NOT NULL;
UPDATE decisions SET outcome = CASE cause WHEN 'rule:model-error' THEN 'failed' WHEN 'rule:budget' THEN 'over_budget'
  ELSE 'declined' END WHERE cause IN ('rule:model-error', 'rule:budget', 'rule:declined');

-- The processes that worked on a dispatch one after the other.
CREATE TABLE legs (
  id INTEGER PRIMARY KEY,
  dispatch_id INTEGER NOT NULL REFERENCES dispatches(id),
  record TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  interrupted INTEGER NOT NULL DEFAULT 0,
  turns INTEGER NOT NULL DEFAULT 0);
CREATE INDEX legs_by_dispatch ON legs(dispatch_id, id);
INSERT INTO legs(dispatch_id, record, started_at, ended_at)
  SELECT id, record, started_at, finished_at FROM dispatches WHERE started_at IS NOT NULL AND joined_id IS NULL;
)sql";

constexpr const char* kNinth = R"sql(
-- Words that came along with a message and are not its sender's own: forwarded, replied to, quoted, shared.
CREATE TABLE quotations (
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT quotations_kind CHECK (kind IN ('forward', 'reply', 'quote', 'shared', 'thread')),
  words_of TEXT NOT NULL CONSTRAINT quotations_words_of CHECK (words_of IN ('others', 'sender', 'bot')),
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (message_id, position)) WITHOUT ROWID;
)sql";

constexpr const char* kTenth = R"sql(
-- What the p of a decision followed from, so that it can be computed again.
CREATE TABLE judgements (
  decision_id INTEGER PRIMARY KEY REFERENCES decisions(id),
  signals TEXT NOT NULL,
  features BLOB NOT NULL,
  chat TEXT NOT NULL,
  ask_from TEXT NOT NULL,
  dispatch_from TEXT NOT NULL);
-- Weights and calibrations that a judgement names, each kept once.
CREATE TABLE routing_models (
  version TEXT PRIMARY KEY,
  bytes BLOB NOT NULL,
  kept_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE calibrations (
  id INTEGER PRIMARY KEY,
  version TEXT NOT NULL REFERENCES routing_models(version),
  applied_at INTEGER NOT NULL,
  undone_at INTEGER);
-- What an operator (no person) or a person in a chat said afterwards.
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  decision_id INTEGER NOT NULL REFERENCES decisions(id),
  verdict TEXT NOT NULL CONSTRAINT verdicts_verdict CHECK
    (verdict IN ('right', 'should_answer', 'should_dispatch', 'bad_result')),
  note TEXT NOT NULL,
  person_id INTEGER REFERENCES people(id),
  given_at INTEGER NOT NULL);
CREATE INDEX verdicts_by_decision ON verdicts(decision_id, id);
)sql";

constexpr std::array kMigrations = {kFirst, kSecond,  kThird,  kFourth, kFifth,
                                    kSixth, kSeventh, kEighth, kNinth,  kTenth};

int user_version(SQLite::Database& db) {
  return db.execAndGet("PRAGMA user_version").getInt();
}

}  // namespace

int schema_version() {
  return static_cast<int>(kMigrations.size());
}

void refuse_newer_schema(SQLite::Database& db, const std::string& path) {
  int version = 0;
  try {
    version = user_version(db);
  } catch (const SQLite::Exception& e) {
    throw base::ConfigError(fmt::format("{}: cannot be read as a database ({})", path, e.what()));
  }
  if (version > schema_version()) {
    throw base::ConfigError(
        fmt::format("{}: this database has schema {}, written by a newer Frontdesk; this one knows up to {}. "
                    "Update the program "
                    "or use another file; nothing was changed",
                    path, version, schema_version()));
  }
}

void migrate(SQLite::Database& db, const std::string& path, int version) {
  if (user_version(db) == schema_version()) {
    return;
  }
  db.exec("BEGIN IMMEDIATE");
  try {
    refuse_newer_schema(db, path);
    for (int done = user_version(db); done < version; ++done) {
      db.exec(kMigrations.at(static_cast<std::size_t>(done)));
    }
    db.exec(fmt::format("PRAGMA user_version = {}", std::max(version, user_version(db))));
    db.exec("COMMIT");
  } catch (...) {
    db.exec("ROLLBACK");
    throw;
  }
}

}  // namespace store

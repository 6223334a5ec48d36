#include "store/migrations.h"

#include <algorithm>
#include <array>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/core.h>
#include <sqlite3.h>

#include "base/error.h"
#include "store/answers_schema.h"
#include "store/chain.h"
#include "store/chain_schema.h"
#include "store/chained_calls_schema.h"
#include "store/checks_schema.h"
#include "store/console_schema.h"
#include "store/crash_schema.h"
#include "store/cut_messages_schema.h"
#include "store/drafts_schema.h"
#include "store/edited_words_schema.h"
#include "store/first_schema.h"
#include "store/grants_schema.h"
#include "store/jobs_schema.h"
#include "store/log_cause_schema.h"
#include "store/log_schema.h"
#include "store/moved_reminders_schema.h"
#include "store/notes_schema.h"
#include "store/operations_schema.h"
#include "store/page_schema.h"
#include "store/paid_entries_schema.h"
#include "store/read_back_schema.h"
#include "store/reminders_schema.h"
#include "store/repair_schema.h"
#include "store/replies_schema.h"
#include "store/retention_schema.h"
#include "store/routing_models_schema.h"
#include "store/routing_schema.h"
#include "store/shown_calls_schema.h"
#include "store/time_zones_schema.h"
#include "store/tool_looks_schema.h"
#include "store/tools_schema.h"

namespace store {
namespace {

// A migration that has been released is never edited; a change of the schema is a new one at the end.
// Times are milliseconds since the Unix epoch, money is US dollars.
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
ALTER TABLE decisions ADD COLUMN became TEXT CONSTRAINT decisions_became CHECK
  (became IN ('failed', 'over_budget', 'declined', 'joined'));
-- The question that this decision is the answer to.
ALTER TABLE decisions ADD COLUMN follows_id INTEGER REFERENCES decisions(id);
CREATE INDEX decisions_by_question ON decisions(follows_id) WHERE follows_id IS NOT NULL;
UPDATE decisions SET became = CASE cause WHEN 'rule:model-error' THEN 'failed' WHEN 'rule:budget' THEN 'over_budget'
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
-- Limits of [budget] that somebody raised for a while.
CREATE TABLE budget_raises (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  budget TEXT NOT NULL,
  usd REAL NOT NULL,
  person_id INTEGER NOT NULL REFERENCES people(id),
  until INTEGER NOT NULL);

CREATE TABLE buttons_with_raise (
  id TEXT PRIMARY KEY,
  message_id INTEGER NOT NULL REFERENCES messages(id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CONSTRAINT buttons_kind CHECK (kind IN
    ('yes', 'no', 'give', 'continue', 'cancel', 'allow', 'allow_for_task', 'deny', 'change', 'option', 'file', 'raise')),
  ref INTEGER NOT NULL,
  label TEXT NOT NULL,
  shown INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO buttons_with_raise SELECT id, message_id, position, kind, ref, label, shown FROM buttons;
DROP TABLE buttons;
ALTER TABLE buttons_with_raise RENAME TO buttons;
CREATE INDEX buttons_by_message ON buttons(message_id, position);
CREATE INDEX buttons_shown ON buttons(kind, ref) WHERE shown = 1;
)sql";

constexpr const char* kEleventh = R"sql(
-- Whose job it is, where the jobs of a kind are shared out; 0 where they are not.
ALTER TABLE jobs ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET owner = coalesce((SELECT person_id FROM messages WHERE id = jobs.ref), 0)
  WHERE kind IN ('turn', 'quick-turn');
CREATE INDEX jobs_running ON jobs(kind, owner) WHERE state = 'running';
CREATE INDEX jobs_waiting ON jobs(kind, owner, id) WHERE state = 'ready';
-- Who was served after whom.
CREATE TABLE job_owners (
  kind TEXT NOT NULL,
  owner INTEGER NOT NULL,
  served INTEGER NOT NULL,
  PRIMARY KEY (kind, owner)) WITHOUT ROWID;
)sql";

constexpr const char* kTwelfth = R"sql(
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

constexpr const char* kThirteenth = R"sql(
-- Since when a job waits for not_before, by the clock as it was then; see JobQueue::follow_clock().
ALTER TABLE jobs ADD COLUMN waits_since INTEGER NOT NULL DEFAULT 0;
-- The process that serves this database, see ServeLock. A copy of the database has another path.
CREATE TABLE serving (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  path TEXT NOT NULL,
  pid INTEGER NOT NULL,
  boot TEXT NOT NULL,
  started TEXT NOT NULL);
)sql";

constexpr const char* kFourteenth = R"sql(
-- When a process was still at work: what is known of one that was killed.
ALTER TABLE legs ADD COLUMN seen_at INTEGER;
-- Which share of a limit of [budget] was told to the admins, for the day or month that began at `since`.
CREATE TABLE budget_alerts (
  budget TEXT NOT NULL,
  since INTEGER NOT NULL,
  share REAL NOT NULL,
  usd REAL NOT NULL,
  spent REAL NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (budget, since, share)) WITHOUT ROWID;
)sql";

constexpr std::array kMigrations = {
    kFirstSchema,   kSecond,       kThird,           kFourth,          kFifth,           kSixth,
    kSeventh,       kEighth,       kNinth,           kTenth,           kEleventh,        kTwelfth,
    kThirteenth,    kFourteenth,   kFifteenth,       kCutMessages,     kJobsByHead,      kRetention,
    kCrashSchema,   kOfTheChain,   kLogByFilter,     kConsoleSchema,   kRoutingConsole,  kOperations,
    kLogEntries,    kOfThePage,    kLogByCause,      kNotesSchema,     kDrafts,          kOfReminders,
    kPlainChecks,   kToolsSchema,  kTimeZonesSchema, kShownCalls,      kToolLooksSchema, kMovedReminders,
    kEditedWords,   kGrants,       kReadBackSchema,  kModelsByVersion, kPaidEntries,     kChainedCalls,
    kAnswersSchema, kRepliesSchema};

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
    if (e.getErrorCode() != SQLITE_NOTADB) {
      throw;  // a full disk, for instance, is no wrong file
    }
    throw base::ConfigError(fmt::format("{}: cannot be read as a database ({})", path, e.what()));
  }
  if (version > schema_version()) {
    throw base::ConfigError(fmt::format(
        "{}: this database has schema {}, written by a newer Frontdesk; this one knows up to {}. "
        "Update the program, or put back a copy from before with `frontdesk restore`; nothing was changed",
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
    ChainOverMigrations chain(db);
    for (int done = user_version(db); done < version; ++done) {
      db.exec(kMigrations.at(static_cast<std::size_t>(done)));
    }
    chain.take_over();
    db.exec(fmt::format("PRAGMA user_version = {}", std::max(version, user_version(db))));
    db.exec("COMMIT");
  } catch (...) {
    db.exec("ROLLBACK");
    throw;
  }
}

}  // namespace store

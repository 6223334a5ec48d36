#pragma once

namespace store {

inline constexpr const char* kConsoleSchema = R"sql(
-- What people changed in the console, see Changes. `before_json` and `after_json` hold no secrets.
CREATE TABLE changes (
  id INTEGER PRIMARY KEY,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  role TEXT NOT NULL CONSTRAINT changes_role CHECK (role IN ('viewer', 'operator', 'admin')),
  what TEXT NOT NULL,
  scope TEXT NOT NULL,
  before_json TEXT NOT NULL,
  after_json TEXT NOT NULL,
  reason TEXT NOT NULL);
CREATE INDEX changes_by_what ON changes(what, id);

-- The chain covers them, too.
CREATE TABLE chain_with_changes (
  seq INTEGER PRIMARY KEY,
  about TEXT NOT NULL CONSTRAINT chain_about CHECK
    (about IN ('decisions', 'dispatches', 'approvals', 'verdicts', 'changes')),
  row_id INTEGER NOT NULL,
  event TEXT NOT NULL CONSTRAINT chain_event CHECK (event IN ('taken-over', 'written', 'pruned', 'erased', 'unfit')),
  salt BLOB,
  digest BLOB NOT NULL,
  hash BLOB NOT NULL);
INSERT INTO chain_with_changes SELECT seq, about, row_id, event, salt, digest, hash FROM chain ORDER BY seq;
DROP TABLE chain;
ALTER TABLE chain_with_changes RENAME TO chain;
CREATE INDEX chain_by_row ON chain(about, row_id, seq);

-- Who is signed in to the pages, see Sessions: a session for each browser, and of each user what their password was.
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  address TEXT NOT NULL);
CREATE INDEX sessions_by_user ON sessions(user);
CREATE TABLE session_users (
  user TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL) WITHOUT ROWID;
)sql";

}  // namespace store

#pragma once

namespace store {

/// What a list of the log is filtered and sorted by, in one row beside each decision, so that a list takes as
/// long beside a million messages as beside none. It is derived: triggers keep it in the transaction of what
/// it follows from, and the hash chain has no part in it (a cost that grows would be an entry each time).
inline constexpr const char* kLogEntries = R"sql(
CREATE VIEW decision_outcomes(id, outcome) AS
  SELECT n.id, coalesce(
    n.became, CASE WHEN d.joined_id IS NOT NULL THEN 'joined' ELSE coalesce(d.outcome, d.state) END,
    CASE n.question WHEN 'open' THEN 'asked' WHEN 'no' THEN 'declined' WHEN 'expired' THEN 'expired' END,
    f.became, CASE WHEN fd.joined_id IS NOT NULL THEN 'joined' ELSE coalesce(fd.outcome, fd.state) END,
    CASE f.question WHEN 'open' THEN 'asked' WHEN 'no' THEN 'declined' WHEN 'expired' THEN 'expired' END,
    CASE n.action WHEN 'ask' THEN 'asked' ELSE 'answered' END)
  FROM decisions n LEFT JOIN dispatches d ON d.decision_id = n.id
  LEFT JOIN decisions f ON f.follows_id = n.id LEFT JOIN dispatches fd ON fd.decision_id = f.id;
CREATE VIEW decision_costs(id, usd) AS
  SELECT n.id, (SELECT coalesce(sum(l.usd), 0) FROM ledger l WHERE l.decision_id = n.id OR l.dispatch_id = d.id)
  FROM decisions n LEFT JOIN dispatches d ON d.decision_id = n.id;

CREATE TABLE log_entries (
  decision_id INTEGER PRIMARY KEY REFERENCES decisions(id),
  at INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  project_id INTEGER,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  p REAL NOT NULL,
  usd REAL NOT NULL DEFAULT 0);
INSERT INTO log_entries SELECT n.id, n.decided_at, n.conversation_id, n.person_id, d.project_id, n.action,
  'answered', n.p, c.usd FROM decisions n JOIN decision_costs c ON c.id = n.id
  LEFT JOIN dispatches d ON d.decision_id = n.id;
UPDATE log_entries SET outcome = (SELECT o.outcome FROM decision_outcomes o WHERE o.id = decision_id);

-- What is common (an answer) is found soon by going back in time, what is rare by an index of its own.
CREATE INDEX log_entries_by_time ON log_entries(at, decision_id, p, usd, action, outcome);
CREATE INDEX log_entries_by_chat ON log_entries(conversation_id, at);
CREATE INDEX log_entries_by_person ON log_entries(person_id, at);
CREATE INDEX log_entries_by_project ON log_entries(project_id, at) WHERE project_id IS NOT NULL;
CREATE INDEX log_entries_by_action ON log_entries(action, at) WHERE action <> 'answer';
CREATE INDEX log_entries_by_outcome ON log_entries(outcome, at) WHERE outcome <> 'answered';
DROP INDEX decisions_by_person;
DROP INDEX decisions_special;
CREATE INDEX messages_by_dispatch ON messages(dispatch_id) WHERE dispatch_id IS NOT NULL;

CREATE TRIGGER log_entries_decided AFTER INSERT ON decisions BEGIN
  INSERT INTO log_entries(decision_id, at, conversation_id, person_id, action, outcome, p)
    VALUES (NEW.id, NEW.decided_at, NEW.conversation_id, NEW.person_id, NEW.action, coalesce(
      NEW.became, CASE NEW.question WHEN 'no' THEN 'declined' WHEN 'expired' THEN 'expired' END,
      CASE NEW.action WHEN 'ask' THEN 'asked' ELSE 'answered' END), NEW.p);
END;
CREATE TRIGGER log_entries_followed AFTER INSERT ON decisions WHEN NEW.follows_id IS NOT NULL BEGIN
  UPDATE log_entries SET outcome = (SELECT o.outcome FROM decision_outcomes o WHERE o.id = decision_id)
    WHERE decision_id = NEW.follows_id;
END;
CREATE TRIGGER log_entries_became AFTER UPDATE OF became, question ON decisions BEGIN
  UPDATE log_entries SET outcome = (SELECT o.outcome FROM decision_outcomes o WHERE o.id = decision_id)
    WHERE decision_id IN (NEW.id, NEW.follows_id);
END;
CREATE TRIGGER log_entries_dispatched AFTER INSERT ON dispatches BEGIN
  UPDATE log_entries SET project_id = NEW.project_id WHERE decision_id = NEW.decision_id;
  UPDATE log_entries SET outcome = (SELECT o.outcome FROM decision_outcomes o WHERE o.id = decision_id)
    WHERE decision_id IN (NEW.decision_id, (SELECT follows_id FROM decisions WHERE id = NEW.decision_id));
END;
CREATE TRIGGER log_entries_went_on AFTER UPDATE OF state, outcome, joined_id ON dispatches BEGIN
  UPDATE log_entries SET outcome = (SELECT o.outcome FROM decision_outcomes o WHERE o.id = decision_id)
    WHERE decision_id IN (NEW.decision_id, (SELECT follows_id FROM decisions WHERE id = NEW.decision_id));
END;
CREATE TRIGGER log_entries_paid AFTER INSERT ON ledger
  WHEN NEW.decision_id IS NOT NULL OR NEW.dispatch_id IS NOT NULL BEGIN
  UPDATE log_entries SET usd = (SELECT c.usd FROM decision_costs c WHERE c.id = log_entries.decision_id)
    WHERE decision_id IN (NEW.decision_id, (SELECT decision_id FROM dispatches WHERE id = NEW.dispatch_id));
END;
CREATE TRIGGER log_entries_charged AFTER UPDATE OF usd, decision_id, dispatch_id ON ledger BEGIN
  UPDATE log_entries SET usd = (SELECT c.usd FROM decision_costs c WHERE c.id = log_entries.decision_id)
    WHERE decision_id IN (OLD.decision_id, NEW.decision_id,
      (SELECT decision_id FROM dispatches WHERE id = OLD.dispatch_id),
      (SELECT decision_id FROM dispatches WHERE id = NEW.dispatch_id));
END;
CREATE TRIGGER log_entries_unpaid AFTER DELETE ON ledger BEGIN
  UPDATE log_entries SET usd = (SELECT c.usd FROM decision_costs c WHERE c.id = log_entries.decision_id)
    WHERE decision_id IN (OLD.decision_id, (SELECT decision_id FROM dispatches WHERE id = OLD.dispatch_id));
END;

-- The words of each decision, to be searched (store/log_words.h): what a decision's row here was made of goes
-- with what it was made of, and is made again later. New decisions are those behind the last that was made.
CREATE VIRTUAL TABLE log_words USING fts5(message, task, result, answer, columnsize = 0,
  tokenize = 'unicode61 remove_diacritics 2');
CREATE TABLE log_words_done (
  id INTEGER PRIMARY KEY CONSTRAINT log_words_one_row CHECK (id = 1),
  decision_id INTEGER NOT NULL);
INSERT INTO log_words_done VALUES (1, 0);
CREATE TABLE log_words_due (decision_id INTEGER PRIMARY KEY);
CREATE INDEX decisions_by_message ON decisions(message_id);
CREATE TRIGGER log_words_asked_otherwise AFTER UPDATE OF text ON messages
  WHEN NEW.author = 'user' AND OLD.text <> NEW.text BEGIN
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE message_id = NEW.id);
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE message_id = NEW.id;
END;
-- An answer belongs to one of the last decisions before it.
CREATE TRIGGER log_words_answered_otherwise AFTER UPDATE OF text ON messages
  WHEN NEW.author = 'assistant' AND NEW.dispatch_id IS NULL AND OLD.text <> NEW.text BEGIN
  DELETE FROM log_words WHERE rowid IN (SELECT id FROM decisions WHERE conversation_id = NEW.conversation_id AND
    message_id < NEW.id ORDER BY id DESC LIMIT 20);
  INSERT OR IGNORE INTO log_words_due SELECT id FROM decisions WHERE conversation_id = NEW.conversation_id AND
    message_id < NEW.id ORDER BY id DESC LIMIT 20;
END;
CREATE TRIGGER log_words_ordered AFTER INSERT ON dispatches BEGIN
  INSERT OR IGNORE INTO log_words_due VALUES (NEW.decision_id);
END;
CREATE TRIGGER log_words_done_otherwise AFTER UPDATE OF prompt, result ON dispatches
  WHEN OLD.prompt <> NEW.prompt OR OLD.result <> NEW.result BEGIN
  DELETE FROM log_words WHERE rowid = NEW.decision_id;
  INSERT OR IGNORE INTO log_words_due VALUES (NEW.decision_id);
END;

-- Who judged in the console; NULL: the operator of a shell, or `person_id`.
ALTER TABLE verdicts ADD COLUMN reviewer TEXT;
)sql";

}  // namespace store

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

-- Who judged in the console; NULL: the operator of a shell, or `person_id`.
ALTER TABLE verdicts ADD COLUMN reviewer TEXT;
)sql";

}  // namespace store

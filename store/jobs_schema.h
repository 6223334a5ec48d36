#pragma once

namespace store {

/// Claiming, enqueuing and looking at a job take as long in a backlog of a million as in an empty queue.
inline constexpr const char* kJobsByHead = R"sql(
-- Whether a job is the first of its lane, so that it does not matter how many wait behind it.
ALTER TABLE jobs ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET head = 1 WHERE id IN (SELECT min(id) FROM jobs GROUP BY kind, lane);
DROP INDEX jobs_ready;
DROP INDEX jobs_waiting;
CREATE INDEX jobs_first ON jobs(kind, id) WHERE state = 'ready' AND head = 1;
CREATE INDEX jobs_first_of_owner ON jobs(kind, owner, id) WHERE state = 'ready' AND head = 1;
CREATE INDEX jobs_first_due ON jobs(kind, not_before) WHERE state = 'ready' AND head = 1;
CREATE INDEX jobs_put_off ON jobs(not_before) WHERE not_before > 0;
CREATE INDEX jobs_by_ref ON jobs(kind, ref);
CREATE TRIGGER jobs_removed AFTER DELETE ON jobs WHEN OLD.head = 1 BEGIN
  UPDATE jobs SET head = 1 WHERE id = (SELECT min(id) FROM jobs WHERE kind = OLD.kind AND lane = OLD.lane);
END;
-- Who has, or had, a job that is first in its lane and may be claimed; since: the job that made it so.
ALTER TABLE job_owners ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job_owners ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX job_owners_waiting ON job_owners(kind, served, since) WHERE waiting = 1;
CREATE INDEX job_owners_served ON job_owners(kind, served);
INSERT INTO job_owners(kind, owner, served, waiting, since)
  SELECT kind, owner, 0, 1, min(id) FROM jobs WHERE head = 1 GROUP BY kind, owner
  ON CONFLICT (kind, owner) DO UPDATE SET waiting = 1, since = excluded.since;
CREATE TRIGGER jobs_added_first AFTER INSERT ON jobs WHEN NEW.head = 1 BEGIN
  INSERT INTO job_owners(kind, owner, served, waiting, since) VALUES (NEW.kind, NEW.owner, 0, 1, NEW.id)
    ON CONFLICT (kind, owner) DO UPDATE SET waiting = 1, since = excluded.since WHERE waiting = 0;
END;
CREATE TRIGGER jobs_became_first AFTER UPDATE OF state, head ON jobs WHEN NEW.head = 1 AND NEW.state = 'ready' BEGIN
  INSERT INTO job_owners(kind, owner, served, waiting, since) VALUES (NEW.kind, NEW.owner, 0, 1, NEW.id)
    ON CONFLICT (kind, owner) DO UPDATE SET waiting = 1, since = excluded.since WHERE waiting = 0;
END;
)sql";

/// What `log list` is asked for, found in a million decisions.
inline constexpr const char* kLogByFilter = R"sql(
CREATE INDEX decisions_by_person ON decisions(person_id, id);
CREATE INDEX decisions_by_time ON decisions(decided_at);
CREATE INDEX decisions_special ON decisions(id) WHERE action <> 'answer' OR became IS NOT NULL;
)sql";

}  // namespace store

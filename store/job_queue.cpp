#include "store/job_queue.h"

#include "base/backoff.h"
#include "store/statement.h"

namespace store {

namespace {

/// How long a job waits that was cut again.
constexpr base::Backoff kCutPause{.first = std::chrono::milliseconds(50), .longest = std::chrono::minutes(1)};

const std::string kColumns = "id, kind, lane, ref, attempt, epoch, created_at, owner, cuts, marks, trial";

/// Marks the oldest job ?1 that may run at ?2 as running; with `more`, of those jobs `j` for which that
/// holds.
std::string claim_oldest(const char* more) {
  return std::string(
             "UPDATE jobs SET state = 'running', attempt = attempt + 1, epoch = epoch + 1 WHERE id = ("
             " SELECT j.id FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND j.not_before <= ?2"
             "  AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.kind = j.kind AND o.lane = j.lane AND o.id < "
             "j.id) ") +
         more + " ORDER BY j.id LIMIT 1) RETURNING " + kColumns;
}

Job read_job(Statement& row) {
  Job job;
  row.read(job.id, job.kind, job.lane, job.ref, job.attempt, job.epoch, job.created, job.owner, job.cuts,
           job.marks, job.trial);
  return job;
}

/// The owners of ready jobs ?1, the one whose turn it is first. Walks from owner to owner by the index, so
/// that it does not matter how much one of them has sent.
constexpr const char* kOwnersInTurn =
    "WITH RECURSIVE owners(owner) AS ("
    " SELECT min(owner) FROM jobs WHERE kind = ?1 AND state = 'ready' UNION ALL"
    " SELECT (SELECT min(j.owner) FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND j.owner > "
    "owners.owner)"
    " FROM owners WHERE owners.owner IS NOT NULL) "
    "SELECT owner FROM owners WHERE owner IS NOT NULL ORDER BY"
    " (SELECT count(*) FROM jobs r WHERE r.kind = ?1 AND r.state = 'running' AND r.owner = owners.owner),"
    " coalesce((SELECT w.served FROM job_owners w WHERE w.kind = ?1 AND w.owner = owners.owner), 0),"
    " (SELECT min(j.id) FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND j.owner = owners.owner)";

}  // namespace

std::int64_t JobQueue::enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref,
                               base::Timestamp now, const Terms& terms) {
  Statement(
      db_,
      "INSERT INTO jobs(kind, lane, ref, created_at, not_before, owner, waits_since) VALUES (?, ?, ?, ?4, ?, ?, ?4)",
      kind, lane, ref, now, terms.not_before, terms.owner)
      .execute();
  return db_.last_row_id();
}

std::optional<Job> JobQueue::claim(const std::string& kind, base::Timestamp now, Order order) {
  if (order == Order::oldest) {
    return Statement(db_, claim_oldest(""), kind, now).first(read_job);
  }
  for (const auto owner : Statement(db_, kOwnersInTurn, kind).all<std::int64_t>()) {
    if (auto job = Statement(db_, claim_oldest("AND j.owner = ?3"), kind, now, owner).first(read_job)) {
      Statement(db_,
                "INSERT OR REPLACE INTO job_owners(kind, owner, served) VALUES (?1, ?2, "
                "(SELECT coalesce(max(served), 0) + 1 FROM job_owners WHERE kind = ?1))",
                kind, owner)
          .execute();
      return job;
    }
  }
  return std::nullopt;
}

std::vector<std::int64_t> JobQueue::behind(const Job& job, base::Timestamp now, int limit) {
  Statement rows(db_,
                 "SELECT ref, not_before FROM jobs WHERE kind = ? AND lane = ? AND id > ? AND state = "
                 "'ready' ORDER BY id LIMIT ?",
                 job.kind, job.lane, job.id, limit);
  std::vector<std::int64_t> refs;
  while (rows.next()) {
    std::int64_t ref = 0;
    base::Timestamp not_before;
    rows.read(ref, not_before);
    if (not_before > now) {
      break;
    }
    refs.push_back(ref);
  }
  return refs;
}

std::optional<base::Timestamp> JobQueue::next_due(const std::string& kind) {
  return Statement(db_,
                   "SELECT min(j.not_before) FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND NOT "
                   "EXISTS (SELECT 1 FROM jobs o WHERE o.kind = j.kind AND o.lane = j.lane AND o.id < j.id)",
                   kind)
      .first<std::optional<base::Timestamp>>()
      .value_or(std::nullopt);
}

bool JobQueue::complete(const Job& job) {
  return Statement(db_, "DELETE FROM jobs WHERE id = ? AND epoch = ? AND state = 'running'", job.id,
                   job.epoch)
             .execute() > 0;
}

void JobQueue::withdraw(const std::string& kind, std::int64_t ref) {
  Statement(db_, "DELETE FROM jobs WHERE kind = ? AND ref = ? AND state = 'ready'", kind, ref).execute();
}

bool JobQueue::drop(const std::string& kind, std::int64_t ref) {
  return Statement(db_, "DELETE FROM jobs WHERE kind = ? AND ref = ?", kind, ref).execute() > 0;
}

bool JobQueue::is_put_off(const std::string& kind, std::int64_t ref, base::Timestamp now) {
  return Statement(db_,
                   "SELECT 1 FROM jobs WHERE kind = ? AND ref = ? AND state = 'ready' AND epoch = 0 AND "
                   "not_before > ?",
                   kind, ref, now)
      .any();
}

void JobQueue::put_off(const std::string& kind, std::int64_t ref, base::Timestamp now,
                       base::Timestamp not_before) {
  Statement(db_,
            "UPDATE jobs SET not_before = ?, waits_since = ? WHERE kind = ? AND ref = ? AND state = 'ready'",
            not_before, now, kind, ref)
      .execute();
}

void JobQueue::retry(const Job& job, base::Timestamp now, base::Timestamp not_before) {
  Statement(db_,
            // Whoever ran alone and ended without the program's death is not to blame for the deaths before.
            "UPDATE jobs SET state = 'ready', waits_since = ?3, not_before = ?4, "
            "marks = CASE WHEN trial = 'alone' THEN 0 ELSE marks END, trial = nullif(trial, 'alone') "
            "WHERE id = ?1 AND epoch = ?2 AND state = 'running'",
            job.id, job.epoch, now, not_before)
      .execute();
}

void JobQueue::give_back(const Job& job) {
  give_back(job, {}, {});
}

void JobQueue::give_back(const Job& job, base::Timestamp now, base::Timestamp not_before) {
  Statement(db_,
            "UPDATE jobs SET state = 'ready', attempt = attempt - 1, waits_since = ?3, not_before = ?4, "
            "trial = nullif(trial, 'alone') WHERE id = ?1 AND epoch = ?2 AND state = 'running'",
            job.id, job.epoch, now, not_before)
      .execute();
}

void JobQueue::follow_clock(base::Timestamp now) {
  Statement(db_,
            "UPDATE jobs SET not_before = not_before - (waits_since - ?1), waits_since = ?1 "
            "WHERE state = 'ready' AND not_before > ?1 AND waits_since > ?1",
            now)
      .execute();
}

std::vector<Job> JobQueue::recover(base::Timestamp now, const std::optional<base::Fault>& fault) {
  auto jobs =
      Statement(db_, "SELECT " + kColumns + " FROM jobs WHERE state = 'running' ORDER BY id").all(read_job);
  for (auto& job : jobs) {
    ++(fault ? job.marks : job.cuts);
    --job.attempt;
    ++job.epoch;
    // Where a thread died that did something else, the job was only there.
    const bool was_it = fault && (!fault->work || *fault->work == job.id);
    job.trial = job.trial == JobTrial::proven || (job.trial == JobTrial::alone && was_it)
                    ? std::optional(JobTrial::proven)
                    : std::nullopt;
    const int repeats = fault ? job.marks - 1 : job.cuts - 1;
    const auto pause = repeats > 0 ? kCutPause.pause(repeats) : std::chrono::milliseconds(0);
    Statement(db_,
              "UPDATE jobs SET state = 'ready', epoch = ?2, attempt = ?3, cuts = ?4, marks = ?5, trial = ?6, "
              "waits_since = ?7, not_before = ?8 WHERE id = ?1",
              job.id, job.epoch, job.attempt, job.cuts, job.marks, job.trial, now, now + pause)
        .execute();
  }
  return jobs;
}

std::vector<Job> JobQueue::suspects(const std::string& long_kind) {
  return Statement(db_,
                   "SELECT " + kColumns +
                       " FROM jobs WHERE marks >= 2 AND state = 'ready' AND trial IS NULL "
                       "ORDER BY solo, kind = ?, id",
                   long_kind)
      .all(read_job);
}

std::optional<Job> JobQueue::claim_alone(std::int64_t id) {
  return Statement(
             db_,
             "UPDATE jobs SET state = 'running', attempt = attempt + 1, epoch = epoch + 1, solo = solo + 1, "
             "trial = 'alone' WHERE id = ? AND state = 'ready' AND trial IS NULL AND NOT EXISTS "
             "(SELECT 1 FROM jobs o WHERE o.kind = jobs.kind AND o.lane = jobs.lane AND o.id < jobs.id) "
             "RETURNING " +
                 kColumns,
             id)
      .first(read_job);
}

void JobQueue::end_alone(std::int64_t id) {
  Statement(db_, "UPDATE jobs SET trial = NULL WHERE id = ? AND trial = 'alone'", id).execute();
}

int JobQueue::ahead(const std::string& kind, std::int64_t lane, std::int64_t ref) {
  return Statement(db_,
                   "SELECT count(*) FROM jobs o WHERE o.kind = ?1 AND o.lane = ?2 AND o.id < "
                   "(SELECT max(id) FROM jobs WHERE kind = ?1 AND lane = ?2 AND ref = ?3)",
                   kind, lane, ref)
      .first<int>()
      .value_or(0);
}

bool JobQueue::is_open(const std::string& kind, std::int64_t ref) {
  return Statement(db_, "SELECT 1 FROM jobs WHERE kind = ? AND ref = ?", kind, ref).any();
}

bool JobQueue::has_open(const std::string& kind, std::int64_t lane) {
  return Statement(db_, "SELECT 1 FROM jobs WHERE kind = ? AND lane = ? LIMIT 1", kind, lane).any();
}

int JobQueue::open(const std::string& kind) {
  return Statement(db_, "SELECT count(*) FROM jobs WHERE kind = ?", kind).first<int>().value_or(0);
}

}  // namespace store

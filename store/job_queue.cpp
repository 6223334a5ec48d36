#include "store/job_queue.h"

#include <map>
#include <utility>

#include "base/backoff.h"
#include "store/in_transaction.h"
#include "store/statement.h"

namespace store {

namespace {

/// How long a job waits that was cut again.
constexpr base::Backoff kCutPause{.first = std::chrono::milliseconds(50), .longest = std::chrono::minutes(1)};

const std::string kColumns = "id, kind, lane, ref, attempt, epoch, created_at, owner, cuts, marks, trial";

/// The oldest job of kind ?1 that may run at ?2; with `more`, of those for which that holds.
std::string oldest(const char* more, const char* order = "id") {
  return "SELECT " + kColumns +
         " FROM jobs WHERE kind = ?1 AND state = 'ready' AND head = 1 AND not_before <= ?2 " + more +
         " ORDER BY " + order + " LIMIT 1";
}

Job read_job(Statement& row) {
  Job job;
  row.read(job.id, job.kind, job.lane, job.ref, job.attempt, job.epoch, job.created, job.owner, job.cuts,
           job.marks, job.trial);
  return job;
}

/// Marks it as running. Two statements cost less than one that returns what it has changed.
std::optional<Job> claimed(Database& db, std::optional<Job> job) {
  if (job) {
    ++job->attempt;
    ++job->epoch;
    Statement(db, "UPDATE jobs SET state = 'running', attempt = ?, epoch = ? WHERE id = ?", job->attempt,
              job->epoch, job->id)
        .execute();
  }
  return job;
}

/// Whether a job of kind ?1 of owner ?2 is first in its lane and may run now or later.
constexpr const char* kHasFirst =
    "SELECT 1 FROM jobs WHERE kind = ?1 AND owner = ?2 AND state = 'ready' AND head = 1 LIMIT 1";
/// Whether one of any owner, or of owner ?3, may run at ?2.
constexpr const char* kIsDue =
    "SELECT 1 FROM jobs WHERE kind = ?1 AND state = 'ready' AND head = 1 AND not_before <= ?2 LIMIT 1";
constexpr const char* kIsDueOf =
    "SELECT 1 FROM jobs WHERE kind = ?1 AND owner = ?3 AND state = 'ready' AND head = 1 AND not_before <= ?2 "
    "LIMIT 1";

}  // namespace

std::int64_t JobQueue::enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref,
                               base::Timestamp now, const Terms& terms) {
  Statement(db_,
            "INSERT INTO jobs(kind, lane, ref, created_at, not_before, owner, waits_since, head) VALUES "
            "(?1, ?2, ?3, ?4, ?5, ?6, ?7, NOT EXISTS (SELECT 1 FROM jobs WHERE kind = ?1 AND lane = ?2))",
            kind, lane, ref, now, terms.not_before, terms.owner, terms.by_the_wall ? base::Timestamp() : now)
      .execute();
  db_.note_work(kind, 1);
  return db_.last_row_id();
}

std::optional<Job> JobQueue::claim(const std::string& kind, base::Timestamp now, Order order) {
  std::optional<Job> job;
  if (is_due(kind, now)) {
    in_transaction(db_, nullptr, [&] {
      job = claim_within(kind, now, order);
      return true;
    });
  }
  return job;
}

bool JobQueue::is_due(const std::string& kind, base::Timestamp now) {
  return Statement(db_, kIsDue, kind, now).any();
}

std::optional<Job> JobQueue::claim_within(const std::string& kind, base::Timestamp now, Order order) {
  static const auto kOldest = oldest("");
  static const auto kLongestDue = oldest("", "not_before, id");
  return order == Order::shared_out
             ? claim_shared_out(kind, now)
             : claimed(
                   db_,
                   Statement(db_, order == Order::oldest ? kOldest : kLongestDue, kind, now).first(read_job));
}

std::optional<Job> JobQueue::claim_shared_out(const std::string& kind, base::Timestamp now) {
  const auto owner = next_owner(kind, now);
  if (!owner) {
    return std::nullopt;
  }
  static const auto kOldestOfOwner = oldest("AND owner = ?3");
  auto job = claimed(db_, Statement(db_, kOldestOfOwner, kind, now, *owner).first(read_job));
  Statement(db_,
            "UPDATE job_owners SET served = (SELECT max(served) + 1 FROM job_owners WHERE kind = ?1) "
            "WHERE kind = ?1 AND owner = ?2",
            kind, *owner)
      .execute();
  return job;
}

std::optional<std::int64_t> JobQueue::next_owner(const std::string& kind, base::Timestamp now) {
  // No more than there are threads.
  std::map<std::int64_t, int> running;
  Statement counts(
      db_, "SELECT owner, count(*) FROM jobs WHERE kind = ? AND state = 'running' GROUP BY owner", kind);
  while (counts.next()) {
    const auto owner = counts.value<std::int64_t>();
    running[owner] = counts.value<int>();
  }
  std::vector<std::int64_t> gone;
  std::optional<std::int64_t> found;
  std::optional<std::pair<int, std::int64_t>> busy;  // of those that run something, by how much
  Statement owners(db_, "SELECT owner FROM job_owners WHERE kind = ? AND waiting = 1 ORDER BY served, since",
                   kind);
  while (!found && owners.next()) {
    const auto owner = owners.value<std::int64_t>();
    const auto at_work = running.find(owner);
    if (at_work != running.end() && busy && busy->first <= at_work->second) {
      continue;
    }
    if (!Statement(db_, kIsDueOf, kind, now, owner).any()) {
      if (!Statement(db_, kHasFirst, kind, owner).any()) {
        gone.push_back(owner);
      }
    } else if (at_work == running.end()) {
      found = owner;
    } else {
      busy = {at_work->second, owner};
    }
  }
  for (const auto owner : gone) {
    Statement(db_, "UPDATE job_owners SET waiting = 0 WHERE kind = ? AND owner = ?", kind, owner).execute();
  }
  return found ? found : busy ? std::optional(busy->second) : std::nullopt;
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
  return Statement(db_, "SELECT min(not_before) FROM jobs WHERE kind = ? AND state = 'ready' AND head = 1",
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
  if (Statement(db_, "DELETE FROM jobs WHERE kind = ? AND ref = ? AND state = 'ready'", kind, ref).execute() >
      0) {
    db_.note_work(kind, 1);  // the next one of its lane
  }
}

bool JobQueue::drop(const std::string& kind, std::int64_t ref) {
  const bool dropped = Statement(db_, "DELETE FROM jobs WHERE kind = ? AND ref = ?", kind, ref).execute() > 0;
  db_.note_work(kind, dropped ? 1 : 0);  // the next one of its lane
  return dropped;
}

bool JobQueue::is_put_off(const std::string& kind, std::int64_t ref, base::Timestamp now) {
  return Statement(
             db_,
             // Without the "+" it is prepared anew for each value, as the index on not_before is partial.
             "SELECT 1 FROM jobs WHERE kind = ? AND ref = ? AND state = 'ready' AND epoch = 0 AND "
             "+not_before > ?",
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
            "WHERE state = 'ready' AND not_before > 0 AND not_before > ?1 AND waits_since > ?1",
            now)
      .execute();
}

std::vector<Job> JobQueue::recover(base::Timestamp now, const std::optional<base::Fault>& fault) {
  // What a thread died of that was about to claim it was not running yet.
  auto jobs = Statement(db_,
                        "SELECT " + kColumns +
                            ", state = 'running' FROM jobs WHERE state = 'running' OR id = ? ORDER BY id",
                        fault ? fault->work.value_or(0) : 0)
                  .all([](Statement& row) {
                    auto job = read_job(row);
                    job.attempt -= row.value<bool>() ? 1 : 0;
                    return job;
                  });
  for (auto& job : jobs) {
    ++(fault ? job.marks : job.cuts);
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
             "trial = 'alone' WHERE id = ? AND state = 'ready' AND trial IS NULL AND head = 1 "
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

int JobQueue::waiting(const std::string& kind, std::int64_t owner, int limit) {
  return Statement(
             db_,
             "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE kind = ? AND state = 'ready' AND owner = ? "
             "LIMIT ?)",
             kind, owner, limit)
      .first<int>()
      .value_or(0);
}

std::int64_t JobQueue::ready(std::int64_t limit) {
  return Statement(db_, "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 'ready' LIMIT ?)", limit)
      .first<std::int64_t>()
      .value_or(0);
}

}  // namespace store

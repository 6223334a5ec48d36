#include "store/job_queue.h"

#include "store/statement.h"

namespace store {

std::int64_t JobQueue::enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref,
                               base::Timestamp now, base::Timestamp not_before) {
  Statement(db_, "INSERT INTO jobs(kind, lane, ref, created_at, not_before) VALUES (?, ?, ?, ?, ?)", kind,
            lane, ref, now, not_before)
      .execute();
  return db_.last_row_id();
}

std::optional<Job> JobQueue::claim(const std::string& kind, base::Timestamp now) {
  return Statement(
             db_,
             "UPDATE jobs SET state = 'running', attempt = attempt + 1, epoch = epoch + 1 WHERE id = ("
             " SELECT j.id FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND j.not_before <= ?2"
             "  AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.kind = j.kind AND o.lane = j.lane AND o.id < "
             "j.id)"
             " ORDER BY j.id LIMIT 1) RETURNING id, kind, lane, ref, attempt, epoch, created_at",
             kind, now)
      .first([](Statement& row) {
        Job job;
        row.read(job.id, job.kind, job.lane, job.ref, job.attempt, job.epoch, job.created);
        return job;
      });
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

bool JobQueue::is_put_off(const std::string& kind, std::int64_t ref, base::Timestamp now) {
  return Statement(db_,
                   "SELECT 1 FROM jobs WHERE kind = ? AND ref = ? AND state = 'ready' AND attempt = 0 AND "
                   "not_before > ?",
                   kind, ref, now)
      .any();
}

void JobQueue::put_off(const std::string& kind, std::int64_t ref, base::Timestamp not_before) {
  Statement(db_, "UPDATE jobs SET not_before = ? WHERE kind = ? AND ref = ? AND state = 'ready'", not_before,
            kind, ref)
      .execute();
}

void JobQueue::retry(const Job& job, base::Timestamp not_before) {
  Statement(
      db_,
      "UPDATE jobs SET state = 'ready', not_before = ?3 WHERE id = ?1 AND epoch = ?2 AND state = 'running'",
      job.id, job.epoch, not_before)
      .execute();
}

void JobQueue::give_back(const Job& job, base::Timestamp not_before) {
  Statement(db_,
            "UPDATE jobs SET state = 'ready', attempt = attempt - 1, not_before = ?3 "
            "WHERE id = ?1 AND epoch = ?2 AND state = 'running'",
            job.id, job.epoch, not_before)
      .execute();
}

int JobQueue::recover() {
  return Statement(db_, "UPDATE jobs SET state = 'ready', epoch = epoch + 1 WHERE state = 'running'")
      .execute();
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

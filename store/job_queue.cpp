#include "store/job_queue.h"

#include "store/statement.h"

namespace store {

namespace {

/// Marks the first of the jobs ?1 that may run at ?2 as running, in that order.
std::string claim_first(const char* order) {
  return std::string(
             "UPDATE jobs SET state = 'running', attempt = attempt + 1, epoch = epoch + 1 WHERE id = ("
             " SELECT j.id FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND j.not_before <= ?2"
             "  AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.kind = j.kind AND o.lane = j.lane AND o.id < "
             "j.id)"
             " ORDER BY ") +
         order + " LIMIT 1) RETURNING id, kind, lane, ref, attempt, epoch, created_at, owner";
}

}  // namespace

std::int64_t JobQueue::enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref,
                               base::Timestamp now, const Terms& terms) {
  Statement(db_, "INSERT INTO jobs(kind, lane, ref, created_at, not_before, owner) VALUES (?, ?, ?, ?, ?, ?)",
            kind, lane, ref, now, terms.not_before, terms.owner)
      .execute();
  return db_.last_row_id();
}

std::optional<Job> JobQueue::claim(const std::string& kind, base::Timestamp now, Order order) {
  constexpr const char* kSharedOut =
      "(SELECT count(*) FROM jobs r WHERE r.kind = ?1 AND r.state = 'running' AND r.owner = j.owner), "
      "coalesce((SELECT w.served FROM job_owners w WHERE w.kind = ?1 AND w.owner = j.owner), 0), j.id";
  const auto claimed =
      Statement(db_, claim_first(order == Order::shared_out ? kSharedOut : "j.id"), kind, now)
          .first([](Statement& row) {
            Job job;
            row.read(job.id, job.kind, job.lane, job.ref, job.attempt, job.epoch, job.created, job.owner);
            return job;
          });
  if (claimed && order == Order::shared_out) {
    Statement(db_,
              "INSERT OR REPLACE INTO job_owners(kind, owner, served) VALUES (?1, ?2, "
              "(SELECT coalesce(max(served), 0) + 1 FROM job_owners WHERE kind = ?1))",
              kind, claimed->owner)
        .execute();
  }
  return claimed;
}

std::vector<std::int64_t> JobQueue::behind(const Job& job, int limit) {
  return Statement(
             db_,
             "SELECT ref FROM jobs WHERE kind = ? AND lane = ? AND id > ? AND state = 'ready' ORDER BY id "
             "LIMIT ?",
             job.kind, job.lane, job.id, limit)
      .all<std::int64_t>();
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

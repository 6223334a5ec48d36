#include "store/job_queue.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {

std::int64_t JobQueue::enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref,
                               base::Timestamp now) {
  SQLite::Statement s(db_.handle(), "INSERT INTO jobs(kind, lane, ref, created_at) VALUES (?, ?, ?, ?)");
  s.bind(1, kind);
  s.bind(2, lane);
  s.bind(3, ref);
  s.bind(4, base::to_unix_ms(now));
  s.exec();
  return db_.handle().getLastInsertRowid();
}

std::optional<Job> JobQueue::claim(const std::string& kind, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE jobs SET state = 'running', attempt = attempt + 1, epoch = epoch + 1 WHERE id = ("
      " SELECT j.id FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND j.not_before <= ?2"
      "  AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.kind = j.kind AND o.lane = j.lane AND o.id < j.id)"
      " ORDER BY j.id LIMIT 1) RETURNING id, lane, ref, attempt, epoch, created_at");
  s.bind(1, kind);
  s.bind(2, base::to_unix_ms(now));
  if (!s.executeStep()) {
    return std::nullopt;
  }
  Job job{s.getColumn(0).getInt64(),
          kind,
          s.getColumn(1).getInt64(),
          s.getColumn(2).getInt64(),
          s.getColumn(3).getInt(),
          s.getColumn(4).getInt64(),
          base::from_unix_ms(s.getColumn(5).getInt64())};
  s.executeStep();
  return job;
}

std::optional<base::Timestamp> JobQueue::next_due(const std::string& kind) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT min(j.not_before) FROM jobs j WHERE j.kind = ?1 AND j.state = 'ready' AND NOT EXISTS "
      "(SELECT 1 FROM jobs o WHERE o.kind = j.kind AND o.lane = j.lane AND o.id < j.id)");
  s.bind(1, kind);
  if (!s.executeStep() || s.getColumn(0).isNull()) {
    return std::nullopt;
  }
  return base::from_unix_ms(s.getColumn(0).getInt64());
}

bool JobQueue::complete(const Job& job) {
  SQLite::Statement s(db_.handle(), "DELETE FROM jobs WHERE id = ? AND epoch = ? AND state = 'running'");
  s.bind(1, job.id);
  s.bind(2, job.epoch);
  return s.exec() > 0;
}

void JobQueue::withdraw(const std::string& kind, std::int64_t ref) {
  SQLite::Statement s(db_.handle(), "DELETE FROM jobs WHERE kind = ? AND ref = ? AND state = 'ready'");
  s.bind(1, kind);
  s.bind(2, ref);
  s.exec();
}

void JobQueue::retry(const Job& job, base::Timestamp not_before) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE jobs SET state = 'ready', not_before = ?3 WHERE id = ?1 AND epoch = ?2 AND state = 'running'");
  s.bind(1, job.id);
  s.bind(2, job.epoch);
  s.bind(3, base::to_unix_ms(not_before));
  s.exec();
}

void JobQueue::give_back(const Job& job, base::Timestamp not_before) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE jobs SET state = 'ready', attempt = attempt - 1, not_before = ?3 "
                      "WHERE id = ?1 AND epoch = ?2 AND state = 'running'");
  s.bind(1, job.id);
  s.bind(2, job.epoch);
  s.bind(3, base::to_unix_ms(not_before));
  s.exec();
}

int JobQueue::recover() {
  return db_.handle().exec("UPDATE jobs SET state = 'ready', epoch = epoch + 1 WHERE state = 'running'");
}

int JobQueue::ahead(const std::string& kind, std::int64_t lane, std::int64_t ref) {
  SQLite::Statement s(db_.handle(),
                      "SELECT count(*) FROM jobs o WHERE o.kind = ?1 AND o.lane = ?2 AND o.id < "
                      "(SELECT max(id) FROM jobs WHERE kind = ?1 AND lane = ?2 AND ref = ?3)");
  s.bind(1, kind);
  s.bind(2, lane);
  s.bind(3, ref);
  s.executeStep();
  return s.getColumn(0).getInt();
}

bool JobQueue::is_open(const std::string& kind, std::int64_t ref) {
  SQLite::Statement s(db_.handle(), "SELECT 1 FROM jobs WHERE kind = ? AND ref = ?");
  s.bind(1, kind);
  s.bind(2, ref);
  return s.executeStep();
}

bool JobQueue::has_open(const std::string& kind, std::int64_t lane) {
  SQLite::Statement s(db_.handle(), "SELECT 1 FROM jobs WHERE kind = ? AND lane = ? LIMIT 1");
  s.bind(1, kind);
  s.bind(2, lane);
  return s.executeStep();
}

int JobQueue::open(const std::string& kind) {
  SQLite::Statement s(db_.handle(), "SELECT count(*) FROM jobs WHERE kind = ?");
  s.bind(1, kind);
  s.executeStep();
  return s.getColumn(0).getInt();
}

}  // namespace store

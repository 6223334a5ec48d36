#include "store/backlog.h"

#include <algorithm>

#include "store/statement.h"

namespace store {
namespace {

Backlog read_backlog(Statement& row) {
  Backlog backlog;
  row.read(backlog.count, backlog.oldest);
  return backlog;
}

}  // namespace

std::map<std::string, Backlog> open_jobs(Database& db) {
  std::map<std::string, Backlog> jobs;
  // Counted in an index; the oldest is found in one, however many there are.
  Statement counts(db, "SELECT kind, count(*) FROM jobs GROUP BY kind");
  while (counts.next()) {
    std::string kind;
    std::int64_t count = 0;
    counts.read(kind, count);
    jobs[kind].count = count;
  }
  for (auto& [kind, backlog] : jobs) {
    for (const char* sql :
         {"SELECT created_at FROM jobs WHERE kind = ? AND state = 'ready' AND head = 1 ORDER BY id LIMIT 1",
          "SELECT min(created_at) FROM jobs WHERE kind = ? AND state = 'running'"}) {
      const auto oldest =
          Statement(db, sql, kind).first<std::optional<base::Timestamp>>().value_or(std::nullopt);
      backlog.oldest = oldest ? std::min(backlog.oldest.value_or(*oldest), *oldest) : backlog.oldest;
    }
  }
  return jobs;
}

Backlog open_approvals(Database& db) {
  return Statement(db, "SELECT count(*), min(asked_at) FROM approvals WHERE state = 'open'")
      .first(read_backlog)
      .value_or(Backlog());
}

Backlog open_questions(Database& db) {
  return Statement(db, "SELECT count(*), min(decided_at) FROM decisions WHERE question = 'open'")
      .first(read_backlog)
      .value_or(Backlog());
}

int queued_dispatches(Database& db, PersonId person, int limit) {
  return Statement(db,
                   "SELECT count(*) FROM (SELECT 1 FROM dispatches INDEXED BY dispatches_open WHERE state <> "
                   "'finished' AND state = 'queued' AND person_id = ? LIMIT ?)",
                   person, limit)
      .first<int>()
      .value_or(0);
}

}  // namespace store

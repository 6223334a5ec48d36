#include "store/crash_log.h"

#include "store/statement.h"

namespace store {

bool CrashLog::knows(const base::Fault& fault) {
  return Statement(db_, "SELECT 1 FROM crashes WHERE pid = ? AND at = ?", fault.pid, fault.at).any();
}

void CrashLog::add(const Crash& crash) {
  Statement(db_, "INSERT OR IGNORE INTO crashes(pid, at, cause, work, proven) VALUES (?, ?, ?, ?, ?)",
            crash.fault.pid, crash.fault.at, crash.fault.cause, crash.work, crash.proven ? 1 : 0)
      .execute();
}

std::vector<Crash> CrashLog::since(base::Timestamp time) {
  return Statement(db_, "SELECT pid, at, cause, work, proven FROM crashes WHERE at >= ? ORDER BY at DESC",
                   time)
      .all([](Statement& row) {
        Crash crash;
        row.read(crash.fault.pid, crash.fault.at, crash.fault.cause, crash.work, crash.proven);
        return crash;
      });
}

}  // namespace store

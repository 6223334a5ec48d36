#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// What waits or is being done, of one kind.
struct Backlog {
  std::int64_t count = 0;
  std::optional<base::Timestamp> oldest = {};  ///< since when the oldest is there
};

/// Open jobs by kind, as JobQueue calls them.
std::map<std::string, Backlog> open_jobs(Database& db);
/// Requests of specialists that nobody has settled.
Backlog open_approvals(Database& db);
/// Questions of the secretary that nobody has answered.
Backlog open_questions(Database& db);

/// How many dispatches of that person have not begun, counted up to `limit`.
int queued_dispatches(Database& db, PersonId person, int limit);

}  // namespace store

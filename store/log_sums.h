#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/log_view.h"

namespace store {

/// What some decisions come to.
struct LogSum {
  std::string key;   ///< "section:id" of a person or chat, a project's name; empty where there is none
  std::string name;  ///< of the person, or whose direct chat it is; may be empty
  base::Timestamp quarter = {};  ///< by time: when the quarter of an hour began
  std::int64_t turns = 0, answered = 0, asked = 0, dispatched = 0;  ///< by what was decided
  std::int64_t failed =
      0;  ///< of these: the model or the run failed, was blocked, or was out of time or money
  double usd = 0;
};

enum class SumBy { person, chat, project, quarter };

/// Sums over what the filter wants, its order, limit and place left out; by time oldest first, else those
/// with the most turns first. Thread rule: that of the Database.
std::vector<LogSum> log_sums(Database& db, const LogFilter& filter, SumBy by);

}  // namespace store

#pragma once

#include <cstdint>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// Takes the texts out of old rows of the log: reasons and proposals of decisions, tasks, results and facts
/// of dispatches, what approvals asked and verdicts noted. Ids, numbers, states and times stay, and the hash
/// chain holds, with an entry `pruned` for each row. Messages are not its matter. Thread rule: that of the
/// Database.
class LogPruning {
 public:
  explicit LogPruning(Database& db) : db_(db) {}

  struct Step {
    std::int64_t rows = 0;  ///< that lost a text
    DecisionId last = {};   ///< the last decision that was looked at
    bool more = false;      ///< there may be others behind it
  };
  enum class Mode { prune, count };
  /// The next decisions behind `after` that were made before `before` and are at rest, with what belongs to
  /// them, in a transaction of its own; in `count` nothing is kept of it.
  Step next(base::Timestamp before, DecisionId after, Mode mode);

  /// Takes out those of one decision and of what belongs to it, within the caller's transaction and
  /// ChainedErasure. Returns how many rows lost a text.
  int empty_texts(DecisionId decision);

 private:
  Database& db_;
};

}  // namespace store

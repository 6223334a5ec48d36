#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// A decision that is worth a look, and why.
struct ReviewItem {
  DecisionId decision;
  std::vector<std::string> why;  ///< names of ReviewQueue::reasons(), at least one
};

/// The decisions that somebody should judge: those that have a reason and that no operator has judged. Thread
/// rule: that of the Database.
class ReviewQueue {
 public:
  explicit ReviewQueue(Database& db) : db_(db) {}

  /// near_threshold refused cancelled_soon repaired blocked expensive thumbs_down random
  static const std::vector<std::string>& reasons();

  struct Queue {
    std::vector<ReviewItem> waiting;  ///< newest first
    std::int64_t judged = 0;          ///< that would be among them, had nobody judged them
  };
  /// Of what was decided since then, and of the newest twenty thousand of that.
  Queue look(base::Timestamp since);

 private:
  Database& db_;
};

}  // namespace store

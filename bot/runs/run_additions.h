#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <set>

#include "bot/runs/run_context.h"
#include "dispatch/task/specialist.h"

namespace bot::runs {

/// Hands what people ask for in the same project meanwhile to the specialist that works there already.
/// Thread rule: one thread.
class RunAdditions {
 public:
  /// Without a mailbox nothing is handed on: that specialist, or a review, takes no additions.
  RunAdditions(RunContext& run, std::shared_ptr<dispatch::Mailbox> mailbox)
      : run_(run), mailbox_(std::move(mailbox)) {}

  void take(const dispatch::Event& event);
  /// Writes down what the specialist has taken up. Call it once more after the run.
  void note_taken_up();

 private:
  /// Whether this run may take up that dispatch, which waits in the project's queue.
  bool fits(const store::DispatchRecord& waiting);
  void hand_on(const store::DispatchRecord& waiting);

  RunContext& run_;
  const std::shared_ptr<dispatch::Mailbox> mailbox_;
  bool session_begun_ = false;
  std::chrono::steady_clock::time_point next_look_;
  std::set<store::DispatchId> handed_on_;
  std::deque<store::DispatchId> taken_up_;
};

}  // namespace bot::runs

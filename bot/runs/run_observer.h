#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "bot/runs/legs.h"
#include "bot/runs/progress_note.h"
#include "bot/runs/request_queue.h"
#include "bot/runs/run_additions.h"
#include "bot/runs/run_context.h"
#include "bot/runs/run_spending.h"
#include "dispatch/task/specialist.h"

namespace bot::runs {

/// Follows one run while the specialist works: shows what it asks, hands on what people add, ends it when the
/// day's budget is used up, and keeps its message current. Thread rule: one thread.
class RunObserver {
 public:
  /// `place` is left to others while a person is awaited. `additions` may be null.
  RunObserver(RunContext& run, runtime::RunSlots::Place& place, std::shared_ptr<dispatch::Mailbox> additions);

  void take(const dispatch::Event& event);
  /// After the last event: books what the run cost, which is that of the report, and calls `keep` in the same
  /// transaction, as often as it takes (see write_the_end()).
  void finish(const dispatch::Report& report, const std::function<void()>& keep, const std::stop_token& stop);
  /// Why the observer ended the run; empty where it did not.
  const std::string& over_budget() const { return over_budget_; }

 private:
  /// Shows what the specialist asks, one request at a time, refuses what has waited too long, and minds the
  /// run's place.
  void take_request(const dispatch::Event& event);
  void show(const dispatch::Request& request);
  void book(const dispatch::Event& event);
  /// Counts for the metrics what was booked since the last time: each process of a run counts its own.
  void count_spending(double booked);
  /// Ends the run when all that run now have used up a budget.
  void watch_budget();

  RunContext& run_;
  runtime::RunSlots::Place& place_;
  RunAdditions additions_;
  ProgressNote note_;
  RunSpending spending_;
  double counted_usd_ = 0;  ///< for the metrics, which never count backwards
  LegClock leg_;
  bool awaits_ = false;  ///< a person
  RequestQueue unasked_;
  std::chrono::steady_clock::time_point next_count_;
  std::string over_budget_;
};

}  // namespace bot::runs

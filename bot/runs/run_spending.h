#pragma once

#include <vector>

#include "base/clock.h"
#include "dispatch/task/specialist.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/ledger.h"

namespace bot::runs {

/// Writes what one run of a specialist spends into the ledger while it goes on, a row for each model, so that
/// it is booked whatever happens to the run or to the program. Where an event tells a sum alone, the models'
/// rows stay, and what is more stands in a row without a name. A run that is resumed after a crash has rows
/// of its own. Thread rule: one thread.
class RunSpending {
 public:
  RunSpending(store::Database& db, const store::DispatchRecord& dispatch);

  /// Books what an event says, if that is news. Throws what the database throws; then the next event that
  /// says as much is booked.
  void note(const dispatch::Event& event, base::Timestamp now);
  /// Books the final figures, in the caller's transaction.
  void settle(const dispatch::Report& report, base::Timestamp now);
  /// US dollars that it has booked.
  double booked() const { return booked_; }

 private:
  void book(const std::vector<dispatch::ModelSpending>& models, base::Timestamp now);

  store::Database& db_;
  store::LedgerEntry entry_;  ///< what its rows have in common
  std::vector<store::LedgerId> rows_;
  std::vector<dispatch::ModelSpending> known_;  ///< what was told last of each model
  double booked_ = 0;
  std::int64_t tokens_ = 0;
};

}  // namespace bot::runs

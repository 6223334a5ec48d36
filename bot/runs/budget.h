#pragma once

#include <optional>
#include <string>

#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::runs {

/// What may still be spent, by the configured budgets and the ledger, in US dollars. A day begins at midnight
/// of the secretary's time zone. Thread rule: that of the Database.
class Budgets {
 public:
  Budgets(runtime::Services& services, store::Database& db) : services_(services), db_(db) {}

  /// A sentence why nothing may be dispatched for that person today, or nothing.
  std::optional<std::string> refusal(store::PersonId person);

  /// What is left of the day's budgets for that person, counting what runs now; nothing where there is no
  /// budget.
  std::optional<double> left_today(store::PersonId person);

  /// What a run of that dispatch may cost from now on, by the limit for a run, of which what it cost before a
  /// crash is taken off, and by what is left of the day's budgets; 0 for no limit.
  double most_for_a_run(store::PersonId person, store::DispatchId dispatch);

 private:
  runtime::Services& services_;
  store::Database& db_;
};

}  // namespace bot::runs

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/runtime/services.h"
#include "bot/texts/budget.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ledger.h"
#include "store/people.h"

namespace bot::runs {

/// What a person's and a chat's ("<section>:<room>") budgets are called in the store.
std::string user_budget_name(store::PersonId person);
std::string chat_budget_name(const std::string& chat);

/// Midnight of the first of the month.
base::Timestamp start_of_month(base::Timestamp now, const std::string& zone);

/// What is left of the budgets of the whole installation, by the names "day" and "month", counting what runs
/// now.
std::map<std::string, double> left_of_common_budgets(runtime::Services& services, store::Database& db);

/// What one person may still spend in one conversation, by the configured budgets, what was raised for today,
/// and the ledger, in US dollars. A day begins at midnight of the secretary's time zone. Thread rule: that of
/// the Database.
class Budgets {
 public:
  Budgets(runtime::Services& services, store::Database& db, store::PersonId person,
          store::Conversation conversation);

  /// The budget because of which nothing more may be spent, or nothing.
  std::optional<texts::UsedUp> used_up();
  /// The same for what the secretary's model costs, which a budget may leave out.
  std::optional<texts::UsedUp> used_up_for_secretary();

  /// The budget that is used up once what runs now is counted, or nothing.
  std::optional<texts::UsedUp> used_up_by_runs();

  /// What is left of the budgets, counting what runs now; nothing where there is no budget.
  std::optional<double> left();

  /// What a run of that dispatch may cost from now on, by the limit for a run, of which what it cost before a
  /// crash is taken off, and by what is left of the budgets; 0 for no limit.
  double most_for_a_run(store::DispatchId dispatch);
  /// Whether a run of that dispatch has cost, before a crash, what a run may cost.
  bool run_limit_reached(store::DispatchId dispatch);

  /// Shares of budgets (budget.alert_at) that are spent and that nobody has been told of.
  struct Alert {
    store::BudgetAlert reached;
    std::string key;  ///< of the configuration
  };
  std::vector<Alert> alerts();

  /// Since when that budget has been used up at the earliest: midnight, or when somebody last raised it.
  base::Timestamp since(const texts::UsedUp& budget);
  /// Whether those that are used up can be raised; one of nothing stays nothing.
  bool can_be_raised();
  /// Raises those that are used up until midnight, by what they are for a day. Inside the caller's
  /// transaction. Returns what they are called now.
  std::vector<std::string> raise(store::PersonId by);

 private:
  /// One budget as it is now.
  struct Limit {
    std::string name;  ///< in the store
    std::string key;   ///< in the configuration
    std::string (*called)(double limit);
    double usd = 0;              ///< in force
    double a_day = 0;            ///< what it comes to for a day
    double spent = 0;            ///< what the ledger holds
    double running = 0;          ///< what the runs that go on have spent and the ledger does not hold yet
    base::Timestamp since = {};  ///< of its day or month
    const char* resets = texts::kAtMidnight;

    bool is_used_up() const { return spent >= usd; }
    texts::UsedUp used_up() const { return {called(usd), spent, resets, key, name}; }
  };
  std::vector<Limit> limits();

  runtime::Services& services_;
  store::Database& db_;
  const store::PersonId person_;
  const store::Conversation conversation_;
  const std::string zone_;
};

}  // namespace bot::runs

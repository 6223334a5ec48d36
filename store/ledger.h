#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// One paid call: what it was for, what it used, what it cost.
struct LedgerEntry {
  std::optional<ConversationId> conversation;
  std::optional<PersonId> person;
  std::optional<DispatchId> dispatch;
  Purpose purpose = Purpose::secretary;
  std::string provider;
  std::string model;
  std::int64_t input_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t output_tokens = 0;
  double usd = 0;
};

/// A share of a budget that was reached, which is told once.
struct BudgetAlert {
  std::string budget;     ///< its name is the caller's affair
  base::Timestamp since;  ///< of its day or month
  double share = 0;       ///< 0..1
  double usd = 0;         ///< the limit then
  double spent = 0;       ///< US dollars
};

/// What has been spent. Thread rule: that of the Database.
class Ledger {
 public:
  explicit Ledger(Database& db) : db_(db) {}

  /// `decision`: the one that it was made for, where that is known by now.
  LedgerId add(const LedgerEntry& entry, base::Timestamp now, std::optional<DecisionId> decision = {});

  /// Those calls were made for that decision. It is written after them, when their answers are known.
  void charge_to(DecisionId decision, const std::vector<LedgerId>& entries);
  /// What was charged to `from` is charged to `to`, which goes on with it.
  void hand_over(DecisionId from, DecisionId to);
  /// Writes what goes on: `rows` are those that an earlier call wrote, none at first, and are changed to
  /// `entries`, so that they say what was spent by now.
  void keep(std::vector<LedgerId>& rows, const std::vector<LedgerEntry>& entries, base::Timestamp now);

  /// US dollars spent since then, by everybody or by one person.
  double spent_since(base::Timestamp since, std::optional<PersonId> person = std::nullopt);
  /// The same for one chat with all its threads.
  double spent_in_since(base::Timestamp since, const std::string& section, const std::string& room);
  /// US dollars that a dispatch's specialist has cost so far, in all its beginnings.
  double spent_on(DispatchId dispatch);
  /// The same with its tokens.
  LedgerEntry used_on(DispatchId dispatch);

  /// Until then that budget is `usd`. Its name is the caller's affair.
  void raise(const std::string& budget, double usd, PersonId by, base::Timestamp now, base::Timestamp until);
  /// What it has been raised to, where that still counts.
  std::optional<double> raised_to(const std::string& budget, base::Timestamp now);
  /// When somebody last raised that budget.
  std::optional<base::Timestamp> last_raise(const std::string& budget);
  /// Writes down that this share of the budget was spent in the day or month that began at `since`; false
  /// where it was written down already.
  bool note_alert(const BudgetAlert& alert, base::Timestamp now);
  /// Those of the days and months that began since then, oldest first.
  std::vector<BudgetAlert> alerts_since(base::Timestamp since);

 private:
  Database& db_;
};

}  // namespace store

#pragma once

namespace store {

/// What a decision cost grows by what is booked, where it was added up anew each time, over B-trees that
/// SQLite made for that alone. Changes and removals still add it up.
inline constexpr const char* kPaidEntries = R"sql(
DROP TRIGGER log_entries_paid;
CREATE TRIGGER log_entries_paid AFTER INSERT ON ledger
  WHEN NEW.usd <> 0 AND (NEW.decision_id IS NOT NULL OR NEW.dispatch_id IS NOT NULL) BEGIN
  UPDATE log_entries SET usd = usd + NEW.usd WHERE decision_id = NEW.decision_id;
  UPDATE log_entries SET usd = usd + NEW.usd WHERE NEW.dispatch_id IS NOT NULL AND decision_id =
    (SELECT d.decision_id FROM dispatches d WHERE d.id = NEW.dispatch_id AND d.decision_id IS NOT NEW.decision_id);
END;
)sql";

}  // namespace store

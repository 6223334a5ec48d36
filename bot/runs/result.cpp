#include "bot/runs/result.h"

#include "store/ledger.h"

namespace bot::runs {

store::DispatchOutcome outcome_of(dispatch::Outcome outcome) {
  switch (outcome) {
    case dispatch::Outcome::success:
      return store::DispatchOutcome::success;
    case dispatch::Outcome::error:
      return store::DispatchOutcome::error;
    case dispatch::Outcome::blocked:
      return store::DispatchOutcome::blocked;
    case dispatch::Outcome::timeout:
      return store::DispatchOutcome::timeout;
    case dispatch::Outcome::cancelled:
      return store::DispatchOutcome::cancelled;
  }
  return store::DispatchOutcome::error;
}

void record_result(store::Database& db, const store::DispatchRecord& dispatch, store::DispatchOutcome outcome,
                   const RunFacts& facts, const dispatch::Report& report, base::Timestamp now) {
  store::DispatchLog(db).finish(dispatch.id, outcome, report.text.empty() ? report.problem : report.text,
                                facts_json(facts, report), store::Ledger(db).spent_on(dispatch.id), now);
}

}  // namespace bot::runs

#pragma once

#include <string>

#include "bot/runs/run_facts.h"
#include "dispatch/task/specialist.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/states.h"

namespace bot::runs {

/// How the log names the outcome of a specialist's run.
store::DispatchOutcome outcome_of(dispatch::Outcome outcome);

/// Writes the end of a run into the dispatch log, with what the ledger says that it cost, inside the caller's
/// transaction.
void record_result(store::Database& db, const store::DispatchRecord& dispatch, store::DispatchOutcome outcome,
                   const RunFacts& facts, const dispatch::Report& report, base::Timestamp now);

}  // namespace bot::runs

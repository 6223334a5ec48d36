#include "bot/runs/result.h"

#include "store/ledger.h"

namespace bot::runs {

void record_result(store::Database& db, const store::DispatchRecord& dispatch, const std::string& outcome,
                   const RunFacts& facts, const dispatch::Report& report, base::Timestamp now) {
  store::DispatchLog(db).finish(dispatch.id, outcome, report.text.empty() ? report.problem : report.text,
                                facts_json(facts, report), report.usd, now);
  store::Ledger(db).add({dispatch.conversation, dispatch.person, dispatch.id, "specialist",
                         dispatch.specialist, report.model, report.tokens.input, report.tokens.cache_read,
                         report.tokens.cache_write, report.tokens.output, report.usd},
                        now);
}

}  // namespace bot::runs

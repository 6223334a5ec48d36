#include "store/log_pruning.h"

#include "store/chain.h"
#include "store/statement.h"
#include "store/tool_calls.h"

namespace store {
namespace {

/// A step holds up other writers for a few milliseconds.
constexpr int kDecisionsInAStep = 200;

const std::string kTextsOfADecision[] = {
    R"(UPDATE decisions SET reason = '', proposal = NULL WHERE id = ? AND (reason <> '' OR proposal IS NOT NULL))",
    R"(UPDATE dispatches SET prompt = '', result = '', facts = '{}'
       WHERE decision_id = ? AND (prompt <> '' OR result <> '' OR facts <> '{}'))",
    R"(UPDATE approvals SET detail = '', questions = '', answers = '{}', comment = '', rules = NULL
       WHERE dispatch_id = (SELECT id FROM dispatches WHERE decision_id = ?) AND
             (detail <> '' OR questions <> '' OR answers <> '{}' OR comment <> '' OR rules IS NOT NULL))",
    std::string(kEmptyCalls) + R"( WHERE message_id = (SELECT message_id FROM decisions WHERE id = ?) AND
       state NOT IN ('open', 'running') AND
       (arguments <> '{}' OR hash <> '' OR result <> '' OR comment <> '' OR about <> '' OR read_back <> ''))",
    "UPDATE verdicts SET note = '' WHERE decision_id = ? AND note <> ''"};

}  // namespace

int LogPruning::empty_texts(DecisionId decision) {
  int rows = 0;
  for (const auto& sql : kTextsOfADecision) {
    rows += Statement(db_, sql, decision).execute();
  }
  return rows;
}

LogPruning::Step LogPruning::next(base::Timestamp before, DecisionId after, Mode mode) {
  Step step{.last = after};
  Transaction transaction(db_);
  const auto old =
      Statement(db_,
                "SELECT id FROM decisions n WHERE id > ?1 AND decided_at < ?2 AND question IS NOT 'open' "
                "AND NOT EXISTS (SELECT 1 FROM dispatches d WHERE d.decision_id = n.id AND d.state <> "
                "'finished') ORDER BY id LIMIT ?3",
                after, before, kDecisionsInAStep)
          .all<DecisionId>();
  const ChainedErasure erasure(db_, chain_event::kPruned);
  for (const auto id : old) {
    step.rows += empty_texts(id);
    step.last = id;
  }
  step.more = old.size() == kDecisionsInAStep;
  if (mode == Mode::prune) {
    transaction.commit();
  }
  return step;
}

}  // namespace store

#include "store/review_queue.h"

#include "store/statement.h"

namespace store {
namespace {

// One column a reason, in their order. What somebody said yes to is judged as one with its question, so that
// answers to questions are left out; their dispatch is `d`, whoever ordered it. A run that costs as much as
// five on average is expensive. Random: one in forty, always the same ones.
constexpr const char* kLook =
    "WITH recent(id, usd) AS MATERIALIZED (SELECT decision_id, usd FROM log_entries INDEXED BY "
    "log_entries_by_time WHERE at >= ?1 ORDER BY at DESC, decision_id DESC LIMIT 20000), "
    "dear(usd) AS MATERIALIZED (SELECT max(5 * avg(usd), 0.05) FROM dispatches WHERE id IN (SELECT id FROM "
    "dispatches WHERE state = 'finished' ORDER BY id DESC LIMIT 5000)), "
    "looked AS (SELECT n.id AS id, "
    "n.cause = 'policy' AND (abs(n.p - n.ask_at) < 0.05 OR abs(n.p - n.dispatch_at) < 0.05) AS near_threshold, "
    "n.question IS 'no' AS refused, "
    "d.outcome IS 'cancelled' AND d.finished_at - d.created_at <= 30000 AS cancelled_soon, "
    "EXISTS (SELECT 1 FROM verdicts v WHERE v.decision_id = n.id AND v.verdict IN ('should_answer', "
    "'should_dispatch') AND v.source IN ('button', 'reaction', 'reask', 'command')) AS repaired, "
    "d.outcome IS 'blocked' AS blocked, "
    "r.usd + coalesce((SELECT usd FROM log_entries WHERE decision_id = f.id), 0) >= (SELECT usd FROM dear) AS "
    "expensive, "
    "EXISTS (SELECT 1 FROM verdicts v WHERE v.decision_id = n.id AND v.verdict = 'bad_result' AND v.source IN "
    "('button', 'reaction')) AS thumbs_down, "
    "(n.id * 2654435761) % 40 = 7 AS random, "
    "coalesce((SELECT v.verdict FROM verdicts v WHERE v.decision_id = n.id AND v.source = 'said' ORDER BY v.id DESC "
    "LIMIT 1), 'withdrawn') <> 'withdrawn' AS judged "
    "FROM recent r JOIN decisions n ON n.id = r.id LEFT JOIN decisions f ON f.follows_id = n.id "
    "LEFT JOIN dispatches d ON d.decision_id = coalesce(f.id, n.id) "
    "WHERE n.follows_id IS NULL AND n.became IS NOT 'joined' AND d.state IS NOT 'running') "
    "SELECT id, judged, near_threshold, refused, cancelled_soon, repaired, blocked, expensive, thumbs_down, random "
    "FROM looked WHERE near_threshold OR refused OR cancelled_soon OR repaired OR blocked OR expensive OR "
    "thumbs_down OR random ORDER BY id DESC";

}  // namespace

const std::vector<std::string>& ReviewQueue::reasons() {
  static const std::vector<std::string> reasons = {"near_threshold", "refused", "cancelled_soon",
                                                   "repaired",       "blocked", "expensive",
                                                   "thumbs_down",    "random"};
  return reasons;
}

ReviewQueue::Queue ReviewQueue::look(base::Timestamp since) {
  Queue queue;
  Statement rows(db_, kLook, since);
  while (rows.next()) {
    ReviewItem item;
    bool judged = false;
    rows.read(item.decision, judged);
    for (const auto& reason : reasons()) {
      if (rows.value<bool>()) {
        item.why.push_back(reason);
      }
    }
    if (judged) {
      ++queue.judged;
    } else {
      queue.waiting.push_back(std::move(item));
    }
  }
  return queue;
}

}  // namespace store

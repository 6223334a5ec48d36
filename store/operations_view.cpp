#include "store/operations_view.h"

#include <algorithm>

#include "store/conversations.h"
#include "store/like_pattern.h"
#include "store/statement.h"

namespace store {
namespace {

/// Of how many messages the time to their answer is looked up.
constexpr int kAnswersLookedAt = 2'000;

}  // namespace

OperationsView::Day OperationsView::since(base::Timestamp time) {
  auto day =
      Statement(db_,
                "SELECT count(*), coalesce(sum(n.action = 'answer' AND coalesce(n.became, '') <> 'failed'), "
                "0), coalesce(sum(n.action = 'ask'), 0), coalesce(sum(n.action = 'dispatch'), 0), "
                "coalesce(sum(coalesce(n.became, '') = 'failed' OR coalesce(d.outcome, '') IN ('error', "
                "'timeout', 'blocked')), 0) FROM decisions n LEFT JOIN dispatches d ON d.decision_id = n.id "
                "WHERE n.decided_at >= ?",
                time)
          .first([](Statement& row) {
            Day d;
            row.read(d.turns, d.answered, d.asked, d.dispatched, d.failed);
            return d;
          })
          .value_or(Day());
  day.usd = Statement(db_, "SELECT coalesce(sum(usd), 0) FROM ledger WHERE at >= ?", time)
                .first<double>()
                .value_or(0);
  day.answer_seconds = answer_seconds(time);
  return day;
}

std::vector<double> OperationsView::answer_seconds(base::Timestamp since) {
  // The first message of ours that answers it stands soon behind it, so that little is looked at.
  auto times =
      Statement(db_,
                "SELECT o.settled_at - m.created_at FROM (SELECT message_id FROM decisions WHERE "
                "decided_at >= ?1 ORDER BY decided_at DESC LIMIT ?2) n JOIN messages m ON m.id = "
                "n.message_id JOIN outbox o ON o.message_id = (SELECT a.id FROM messages a JOIN outbox x "
                "ON x.message_id = a.id AND x.kind = 'message' WHERE a.conversation_id = "
                "m.conversation_id AND a.id > m.id AND a.author = 'assistant' AND "
                "json_extract(x.body, '$.reply_to') = m.external_id ORDER BY a.id LIMIT 1) AND "
                "o.kind = 'message' WHERE m.external_id <> '' AND o.state = 'delivered' AND "
                "o.settled_at IS NOT NULL",
                since, kAnswersLookedAt)
          .all<double>();
  for (auto& time : times) {
    time /= 1000;
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::vector<OperationsView::OpenDispatch> OperationsView::open_dispatches() {
  return Statement(
             db_,
             "SELECT d.id, j.slug, c.section || ':' || c.chat_id, p.section || ':' || p.user_id, p.name, "
             "d.created_at, d.started_at, d.state, (SELECT coalesce(sum(l.usd), 0) FROM ledger l WHERE "
             "l.dispatch_id = d.id AND l.purpose = 'specialist'), (SELECT a.kind FROM approvals a WHERE "
             "a.dispatch_id = d.id AND a.state = 'open' ORDER BY a.id DESC LIMIT 1), (SELECT count(*) FROM "
             "dispatches x WHERE x.project_id = d.project_id AND x.id < d.id AND x.state <> 'finished') "
             "FROM dispatches d JOIN projects j ON j.id = d.project_id JOIN conversations c ON c.id = "
             "d.conversation_id JOIN people p ON p.id = d.person_id WHERE d.state <> 'finished' AND "
             "c.section <> 'shell' ORDER BY d.id")
      .all([](Statement& row) {
        OpenDispatch d;
        row.read(d.id, d.project, d.chat, d.person, d.name, d.created, d.started, d.state, d.usd, d.waits_for,
                 d.ahead);
        return d;
      });
}

std::vector<OperationsView::Question> OperationsView::open_questions(int limit) {
  return Statement(
             db_,
             "SELECT n.id, n.decided_at, c.section || ':' || c.chat_id, p.section || ':' || p.user_id, p.name, "
             "m.text, (SELECT b.message_id FROM buttons b WHERE b.kind = 'yes' AND b.ref = n.id AND "
             "b.shown = 1) FROM decisions n JOIN conversations c ON c.id = n.conversation_id JOIN people p "
             "ON p.id = n.person_id JOIN messages m ON m.id = n.message_id WHERE n.question = 'open' "
             "ORDER BY n.id DESC LIMIT ?",
             limit)
      .all([](Statement& row) {
        Question q;
        row.read(q.decision, q.at, q.chat, q.person, q.name, q.message, q.asked);
        return q;
      });
}

std::vector<OperationsView::Known> OperationsView::people(const PeopleFilter& filter) {
  return Statement(
             db_,
             "WITH paid AS MATERIALIZED (SELECT person_id, sum(usd) AS usd FROM ledger WHERE at >= ?1 GROUP BY "
             "person_id) SELECT p.id, p.section, p.user_id, p.name, p.first_seen, (SELECT m.created_at FROM messages m "
             "WHERE m.person_id = p.id ORDER BY m.id DESC LIMIT 1), (SELECT count(*) FROM messages m WHERE "
             "m.person_id = p.id), coalesce(paid.usd, 0), "
             "p.role, p.blocked_at, p.erased_at FROM people p LEFT JOIN paid ON paid.person_id = p.id WHERE p.id < ?2 AND "
             "p.section NOT IN ('shell', ?3) AND (?4 = '' OR p.name LIKE ?5 ESCAPE '\\' OR "
             "p.section || ':' || p.user_id LIKE ?5 ESCAPE '\\') AND (?6 = '' OR (p.section = ?6 AND "
             "p.user_id = ?7)) ORDER BY p.id DESC LIMIT ?8",
             filter.since, filter.before, std::string(kConsoleSection), filter.words,
             like_pattern(filter.words), filter.section, filter.user_id, filter.limit)
      .all([](Statement& row) {
        Known k;
        row.read(k.id, k.section, k.user_id, k.name, k.first_seen, k.last_seen, k.messages, k.usd, k.role,
                 k.blocked, k.erased);
        return k;
      });
}

}  // namespace store

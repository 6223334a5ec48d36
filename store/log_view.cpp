#include "store/log_view.h"

#include <utility>

#include "store/statement.h"

namespace store {
namespace {

std::string select_row(const char* rest) {
  return std::string(
             "SELECT n.id, n.decided_at, c.section || ':' || c.chat_id, CASE p.name WHEN '' THEN p.user_id ELSE "
             "p.name END, p.section || ':' || p.user_id, CASE c.in_group WHEN 0 THEN p.name ELSE '' END, m.text, "
             "n.action, n.p, n.ask_at, n.dispatch_at, "
             "CASE WHEN g.dispatch_from NOT IN ('default', 'global', 'chat', 'user') THEN g.dispatch_from "
             "WHEN g.ask_from NOT IN ('default', 'global', 'chat', 'user') THEN g.ask_from ELSE n.layer END, "
             "n.cause, n.reason, n.proposal, n.question, d.id, coalesce(j.slug, ''), e.outcome, e.usd, "
             "coalesce(g.ask_from, ''), coalesce(g.dispatch_from, ''), n.follows_id, coalesce(d.facts, ''), "
             "nullif((SELECT v.verdict FROM verdicts v WHERE v.decision_id IN (n.id, n.follows_id) AND v.source = 'said' ORDER "
             "BY v.id DESC LIMIT 1), 'withdrawn'), (SELECT json_group_array(json_object('id', t.id, 'server', t.server, "
             "'tool', t.tool, 'asked', json(CASE WHEN t.expires_at IS NULL THEN 'false' ELSE 'true' END), 'state', "
             "t.state)) FROM (SELECT * FROM tool_calls WHERE message_id = n.message_id ORDER BY id) t) FROM decisions n JOIN log_entries e ON e.decision_id = n.id "
             "JOIN conversations c ON c.id = n.conversation_id JOIN people p ON p.id = n.person_id "
             "LEFT JOIN decisions q ON q.id = n.follows_id "
             // Of a click, what the button was about.
             "JOIN messages m ON m.id = coalesce(q.message_id, (SELECT w.message_id FROM messages o "
             "JOIN buttons b ON b.id = o.button JOIN decisions w ON w.id = CASE WHEN b.kind IN ('give', 'raise') THEN b.ref "
             "WHEN b.kind IN ('continue', 'just_answer') THEN (SELECT decision_id FROM dispatches WHERE id = b.ref) END "
             "WHERE o.id = n.message_id), n.message_id) "
             "LEFT JOIN dispatches d ON d.decision_id = n.id LEFT JOIN projects j ON j.id = d.project_id "
             "LEFT JOIN judgements g ON g.decision_id = n.id ") +
         rest;
}

LogRow read_row(Statement& row) {
  LogRow r;
  row.read(r.decision, r.at, r.chat, r.person, r.user, r.chat_name, r.message, r.action, r.p, r.ask_at,
           r.dispatch_at, r.layer, r.cause, r.reason, r.proposal, r.question, r.dispatch, r.project,
           r.outcome, r.usd, r.ask_from, r.dispatch_from, r.follows, r.facts, r.verdict, r.tools);
  return r;
}

std::string select_costs(const char* rest) {
  return std::string(
             "SELECT purpose, model, count(*), sum(input_tokens), sum(cache_read_tokens), "
             "sum(cache_write_tokens), sum(output_tokens), sum(usd) FROM ledger ") +
         rest + " GROUP BY purpose, model";
}

CostRow read_costs(Statement& row) {
  CostRow c;
  row.read(c.purpose, c.model, c.calls, c.input_tokens, c.cache_read_tokens, c.cache_write_tokens,
           c.output_tokens, c.usd);
  return c;
}

/// The messages about a row: those of its dispatch (?1), or those that name the message that its decision
/// (?2) answers. An answer comes soon after its message: so it does not matter how long the chat is.
constexpr const char* kMessagesAbout =
    "SELECT id FROM messages WHERE dispatch_id = ?1 UNION SELECT o.message_id FROM decisions n "
    "JOIN messages m ON m.id = n.message_id JOIN outbox o ON o.message_id IN (SELECT a.id FROM messages a WHERE "
    "a.conversation_id = n.conversation_id AND a.id > n.message_id ORDER BY a.id LIMIT 1000) "
    "WHERE n.id = ?2 AND ?1 IS NULL AND o.kind = 'message' AND m.external_id <> '' AND "
    "json_extract(o.body, '$.reply_to') = m.external_id";

}  // namespace

std::vector<LogRow> LogView::rows(const LogFilter& filter) {
  std::vector<LogRow> rows;
  for (const auto& place : places(filter)) {
    if (auto row = this->row(place.decision)) {
      rows.push_back(*std::move(row));
    }
  }
  return rows;
}

std::optional<DecisionId> LogView::decision_about(const std::string& section,
                                                  const std::string& external_id) {
  // What a person wrote, and what we wrote: to a dispatch, or in reply.
  const auto last =
      Statement(
          db_,
          "WITH ours(id) AS (SELECT message_id FROM outbox WHERE key = ?2 OR external_id = ?2 "
          "UNION SELECT message_id FROM pieces WHERE external_id = ?2) "
          "SELECT max(n.id) FROM decisions n JOIN conversations c ON c.id = n.conversation_id "
          "JOIN messages m ON m.id = n.message_id LEFT JOIN dispatches d ON d.decision_id = n.id "
          "WHERE (?1 = '' OR c.section = ?1) AND (m.external_id = ?2 "
          "OR d.id IN (SELECT dispatch_id FROM messages WHERE id IN ours) "
          "OR (m.external_id <> '' AND m.external_id IN (SELECT json_extract(body, '$.reply_to') FROM outbox "
          "WHERE kind = 'message' AND conversation_id = n.conversation_id AND message_id IN ours)))",
          section, external_id)
          .first<std::optional<DecisionId>>()
          .value_or(std::nullopt);
  // What an operator ordered later is another decision about the same message.
  const auto first =
      Statement(db_,
                "SELECT min(o.id) FROM decisions n JOIN messages m ON m.id = n.message_id JOIN "
                "decisions o ON o.message_id = m.id WHERE n.id = ? AND m.external_id = ?",
                last, external_id)
          .first<std::optional<DecisionId>>()
          .value_or(std::nullopt);
  return first ? first : last;
}

std::optional<LogRow> LogView::row(DecisionId id) {
  return Statement(db_, select_row("WHERE n.id = ?"), id).first(read_row);
}

std::optional<DecisionId> LogView::decision_of(DispatchId id) {
  return Statement(db_, "SELECT decision_id FROM dispatches WHERE id = ?", id).first<DecisionId>();
}

std::vector<DeliveryRow> LogView::deliveries(const LogRow& row) {
  return Statement(db_,
                   std::string("SELECT key, kind, state, error, created_at, settled_at FROM outbox "
                               "WHERE message_id IN (") +
                       kMessagesAbout + ") ORDER BY id",
                   row.dispatch, row.decision)
      .all([](Statement& call) {
        DeliveryRow d;
        call.read(d.key, d.kind, d.state, d.error, d.created, d.settled);
        return d;
      });
}

std::string LogView::posted(const LogRow& row) {
  // What was asked on the way is no answer.
  return Statement(db_,
                   std::string("SELECT text FROM messages WHERE id IN (") + kMessagesAbout +
                       ") AND id NOT IN (SELECT message_id FROM approvals WHERE message_id IS NOT NULL) "
                       "ORDER BY id DESC LIMIT 1",
                   row.dispatch, row.decision)
      .first<std::string>()
      .value_or("");
}

std::vector<CostRow> LogView::costs(const LogRow& row) {
  return Statement(db_, select_costs("WHERE decision_id = ?1 OR dispatch_id = ?2"), row.decision,
                   row.dispatch)
      .all(read_costs);
}

std::vector<TimedCosts> LogView::costs_by_time(std::optional<base::Timestamp> since) {
  return Statement(
             db_,
             "SELECT min(at) / 900000 * 900000, purpose, model, count(*), sum(input_tokens), "
             "sum(cache_read_tokens), sum(cache_write_tokens), sum(output_tokens), sum(usd) FROM ledger "
             "WHERE at >= ? GROUP BY at / 900000, purpose, model ORDER BY 1",
             since.value_or(base::Timestamp()))
      .all([](Statement& row) {
        TimedCosts timed;
        row.read(timed.at);
        timed.cost = read_costs(row);
        return timed;
      });
}

std::vector<std::pair<base::Timestamp, PersonId>> LogView::people_by_time(
    std::optional<base::Timestamp> since) {
  return Statement(
             db_,
             "SELECT DISTINCT at / 900000 * 900000, person_id FROM ledger WHERE at >= ? AND person_id IS NOT "
             "NULL",
             since.value_or(base::Timestamp()))
      .all([](Statement& row) {
        std::pair<base::Timestamp, PersonId> paid;
        row.read(paid.first, paid.second);
        return paid;
      });
}

std::vector<CostRow> LogView::costs_since(std::optional<base::Timestamp> since) {
  return Statement(db_, select_costs("WHERE at >= ?"), since.value_or(base::Timestamp())).all(read_costs);
}

}  // namespace store

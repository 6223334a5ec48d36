#include "store/log_view.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace store {
namespace {

constexpr const char* kRows =
    "SELECT * FROM (SELECT n.id AS decision, n.decided_at AS at, c.section || ':' || c.chat_id AS chat, "
    "c.section AS section, CASE p.name WHEN '' THEN p.user_id ELSE p.name END AS person, "
    "p.section || ':' || p.user_id AS user, m.text AS message, n.action AS action, n.p AS p, n.ask_at AS "
    "ask_at, "
    "n.dispatch_at AS dispatch_at, n.layer AS layer, n.cause AS cause, n.reason AS reason, "
    "coalesce(n.proposal, '') AS proposal, coalesce(n.question, '') AS question, d.id AS dispatch, "
    "coalesce(j.slug, '') AS project, "
    "CASE WHEN d.joined_id IS NOT NULL THEN 'joined' WHEN d.id IS NOT NULL THEN coalesce(d.outcome, d.state) "
    "WHEN n.action = 'ask' THEN 'asked' "
    "ELSE 'answered' END AS outcome, "
    "(SELECT coalesce(sum(l.usd), 0) FROM ledger l WHERE l.dispatch_id = d.id) AS usd "
    "FROM decisions n JOIN conversations c ON c.id = n.conversation_id JOIN people p ON p.id = n.person_id "
    "JOIN messages m ON m.id = n.message_id LEFT JOIN dispatches d ON d.decision_id = n.id "
    "LEFT JOIN projects j ON j.id = d.project_id) ";

LogRow read_row(SQLite::Statement& s) {
  const auto text = [&](const char* name) { return s.getColumn(name).getString(); };
  LogRow row;
  row.decision = {s.getColumn("decision").getInt64()};
  row.at = base::from_unix_ms(s.getColumn("at").getInt64());
  row.chat = text("chat");
  row.person = text("person");
  row.user = text("user");
  row.message = text("message");
  row.action = text("action");
  row.p = s.getColumn("p").getDouble();
  row.ask_at = s.getColumn("ask_at").getDouble();
  row.dispatch_at = s.getColumn("dispatch_at").getDouble();
  row.layer = text("layer");
  row.cause = text("cause");
  row.reason = text("reason");
  row.proposal = text("proposal");
  row.question = text("question");
  if (!s.getColumn("dispatch").isNull()) {
    row.dispatch = DispatchId{s.getColumn("dispatch").getInt64()};
  }
  row.project = text("project");
  row.outcome = text("outcome");
  row.usd = s.getColumn("usd").getDouble();
  return row;
}

constexpr const char* kCosts =
    "SELECT purpose, model, count(*), sum(input_tokens), sum(cache_read_tokens), sum(cache_write_tokens), "
    "sum(output_tokens), sum(usd) FROM ledger ";

std::vector<CostRow> read_costs(SQLite::Statement& s) {
  std::vector<CostRow> rows;
  while (s.executeStep()) {
    rows.push_back({s.getColumn(0).getString(), s.getColumn(1).getString(), s.getColumn(2).getInt64(),
                    s.getColumn(3).getInt64(), s.getColumn(4).getInt64(), s.getColumn(5).getInt64(),
                    s.getColumn(6).getInt64(), s.getColumn(7).getDouble()});
  }
  return rows;
}

/// The messages about a row: those of its dispatch, or those that name the message it answers.
constexpr const char* kMessagesAbout =
    "SELECT id FROM messages WHERE dispatch_id = ?1 UNION SELECT o.message_id FROM outbox o JOIN decisions n "
    "ON "
    "n.id = ?2 JOIN messages m ON m.id = n.message_id WHERE ?1 IS NULL AND o.kind = 'message' AND "
    "o.conversation_id = n.conversation_id AND m.external_id <> '' AND "
    "json_extract(o.body, '$.reply_to') = m.external_id";

void bind_about(SQLite::Statement& s, const LogRow& row) {
  if (row.dispatch) {
    s.bind(1, row.dispatch->value);
  }
  s.bind(2, row.decision.value);
}

}  // namespace

std::vector<LogRow> LogView::rows(const LogFilter& filter) {
  SQLite::Statement s(db_.handle(),
                      std::string(kRows) +
                          "WHERE (?1 = '' OR chat = ?1 OR section = ?1) AND (?2 = '' OR project = ?2) AND "
                          "(?3 = '' OR outcome = ?3) AND at >= ?4 ORDER BY decision DESC LIMIT ?5");
  s.bind(1, filter.chat);
  s.bind(2, filter.project);
  s.bind(3, filter.outcome);
  s.bind(4, filter.since ? base::to_unix_ms(*filter.since) : 0);
  s.bind(5, filter.limit > 0 ? filter.limit : -1);
  std::vector<LogRow> rows;
  while (s.executeStep()) {
    rows.push_back(read_row(s));
  }
  return rows;
}

std::optional<LogRow> LogView::row(DecisionId id) {
  SQLite::Statement s(db_.handle(), std::string(kRows) + "WHERE decision = ?");
  s.bind(1, id.value);
  return s.executeStep() ? std::optional(read_row(s)) : std::nullopt;
}

std::optional<DecisionId> LogView::decision_of(DispatchId id) {
  SQLite::Statement s(db_.handle(), "SELECT decision_id FROM dispatches WHERE id = ?");
  s.bind(1, id.value);
  return s.executeStep() ? std::optional(DecisionId{s.getColumn(0).getInt64()}) : std::nullopt;
}

std::vector<DeliveryRow> LogView::deliveries(const LogRow& row) {
  SQLite::Statement s(
      db_.handle(),
      std::string("SELECT key, kind, state, coalesce(error, ''), created_at, settled_at FROM outbox "
                  "WHERE message_id IN (") +
          kMessagesAbout + ") ORDER BY id");
  bind_about(s, row);
  std::vector<DeliveryRow> rows;
  while (s.executeStep()) {
    DeliveryRow delivery{s.getColumn(0).getString(),
                         s.getColumn(1).getString(),
                         s.getColumn(2).getString(),
                         s.getColumn(3).getString(),
                         base::from_unix_ms(s.getColumn(4).getInt64()),
                         {}};
    if (!s.getColumn(5).isNull()) {
      delivery.settled = base::from_unix_ms(s.getColumn(5).getInt64());
    }
    rows.push_back(std::move(delivery));
  }
  return rows;
}

std::string LogView::posted(const LogRow& row) {
  // What was asked on the way is no answer.
  SQLite::Statement s(db_.handle(),
                      std::string("SELECT text FROM messages WHERE id IN (") + kMessagesAbout +
                          ") AND id NOT IN (SELECT message_id FROM approvals WHERE message_id IS NOT NULL) "
                          "ORDER BY id DESC LIMIT 1");
  bind_about(s, row);
  return s.executeStep() ? s.getColumn(0).getString() : std::string();
}

std::vector<CostRow> LogView::costs(DispatchId id) {
  SQLite::Statement s(db_.handle(), std::string(kCosts) + "WHERE dispatch_id = ? GROUP BY purpose, model");
  s.bind(1, id.value);
  return read_costs(s);
}

std::vector<CostRow> LogView::costs_since(std::optional<base::Timestamp> since) {
  SQLite::Statement s(db_.handle(), std::string(kCosts) + "WHERE at >= ? GROUP BY purpose, model");
  s.bind(1, since ? base::to_unix_ms(*since) : 0);
  return read_costs(s);
}

}  // namespace store

#include "store/log_view.h"

#include <algorithm>
#include <utility>

#include "store/like_pattern.h"
#include "store/statement.h"

namespace store {
namespace {

/// What became of a decision; `n` is its alias, `d` that of its dispatch. NULL where it was answered, or
/// where another decision followed.
std::string own_outcome(const std::string& n, const std::string& d) {
  return "coalesce(" + n + ".became, CASE WHEN " + d + ".joined_id IS NOT NULL THEN 'joined' ELSE coalesce(" +
         d + ".outcome, " + d + ".state) END, CASE " + n +
         ".question WHEN 'open' THEN 'asked' WHEN 'no' THEN 'declined' WHEN 'expired' THEN 'expired' END)";
}

std::string select_row(const std::string& rest, const std::string& among = {}) {
  return "SELECT * FROM (SELECT n.id AS decision, n.decided_at AS at, c.section || ':' || c.chat_id AS chat, "
         "CASE p.name WHEN '' THEN p.user_id ELSE p.name END AS person, "
         "p.section || ':' || p.user_id AS user, m.text AS message, n.action AS action, n.p AS p, "
         "n.ask_at AS ask_at, n.dispatch_at AS dispatch_at, CASE WHEN g.dispatch_from NOT IN ('default', 'global', 'chat', 'user') THEN g.dispatch_from "
         "WHEN g.ask_from NOT IN ('default', 'global', 'chat', 'user') THEN g.ask_from ELSE n.layer END AS layer, n.cause AS cause, "
         "n.reason AS reason, n.proposal AS proposal, n.question AS question, d.id AS dispatch, "
         "coalesce(j.slug, '') AS project, coalesce(" +
         own_outcome("n", "d") + ", " + own_outcome("f", "fd") +
         ", CASE n.action WHEN 'ask' THEN 'asked' ELSE 'answered' END) AS outcome, "
         "(SELECT coalesce(sum(l.usd), 0) FROM ledger l WHERE l.decision_id = n.id OR "
         "l.dispatch_id = d.id) AS usd, "
         "coalesce(g.ask_from, '') AS ask_from, coalesce(g.dispatch_from, '') AS dispatch_from, "
         "c.section AS section, coalesce(d.prompt, '') || ' ' || coalesce(d.result, '') AS work "
         "FROM decisions n JOIN conversations c ON c.id = n.conversation_id "
         "JOIN people p ON p.id = n.person_id JOIN messages m ON m.id = n.message_id "
         "LEFT JOIN dispatches d ON d.decision_id = n.id LEFT JOIN projects j ON j.id = d.project_id "
         "LEFT JOIN judgements g ON g.decision_id = n.id "
         "LEFT JOIN decisions f ON f.follows_id = n.id LEFT JOIN dispatches fd ON fd.decision_id = f.id " +
         among + ") " + rest;
}

LogRow read_row(Statement& row) {
  LogRow r;
  row.read(r.decision, r.at, r.chat, r.person, r.user, r.message, r.action, r.p, r.ask_at, r.dispatch_at,
           r.layer, r.cause, r.reason, r.proposal, r.question, r.dispatch, r.project, r.outcome, r.usd,
           r.ask_from, r.dispatch_from);
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

std::string listed(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const auto id : ids) {
    text += (text.empty() ? "" : ",") + std::to_string(id);
  }
  return "(" + text + ")";
}

/// A section with more has decisions everywhere.
constexpr int kFewChats = 200;

/// The messages about a row: those of its dispatch (?1), or those that name the message that its decision
/// (?2) answers.
constexpr const char* kMessagesAbout =
    "SELECT id FROM messages WHERE dispatch_id = ?1 UNION SELECT o.message_id FROM outbox o JOIN decisions n "
    "ON n.id = ?2 JOIN messages m ON m.id = n.message_id WHERE ?1 IS NULL AND o.kind = 'message' AND "
    "o.conversation_id = n.conversation_id AND m.external_id <> '' AND "
    "json_extract(o.body, '$.reply_to') = m.external_id";

}  // namespace

/// Where the decisions that the filter wants are found by an index, so that it does not matter how many there
/// are beside them; the filter itself is applied to what is found.
std::string LogView::among(const LogFilter& filter) {
  std::string among;
  const auto only = [&](const std::string& condition) {
    among += (among.empty() ? " WHERE " : " AND ") + condition;
  };
  if (!filter.chat.empty()) {
    // Of a section with many, the newest decisions are found soon by going through all.
    auto chats =
        Statement(db_,
                  "SELECT id FROM conversations WHERE section = ?1 OR (section = substr(?1, 1, instr(?1, "
                  "':') - 1) AND chat_id = substr(?1, instr(?1, ':') + 1)) LIMIT ?2",
                  filter.chat, kFewChats + 1)
            .all<std::int64_t>();
    if (static_cast<int>(chats.size()) <= kFewChats) {
      only("n.conversation_id IN " + listed(chats));
    }
  }
  if (!filter.user.empty()) {
    only("n.person_id IN " +
         listed(Statement(db_,
                          "SELECT id FROM people WHERE section = substr(?1, 1, instr(?1, ':') - 1) AND "
                          "user_id = substr(?1, instr(?1, ':') + 1)",
                          filter.user)
                    .all<std::int64_t>()));
  }
  if (!filter.project.empty()) {
    only("n.id IN " +
         listed(Statement(db_,
                          "SELECT d.decision_id FROM projects j JOIN dispatches d ON d.project_id = j.id "
                          "WHERE j.slug = ?",
                          filter.project)
                    .all<std::int64_t>()));
  }
  if (!filter.outcome.empty() && filter.outcome != "answered") {
    only(
        "n.id IN (SELECT id FROM decisions WHERE action <> 'answer' OR became IS NOT NULL UNION ALL "
        "SELECT follows_id FROM decisions WHERE follows_id IS NOT NULL UNION ALL SELECT decision_id FROM dispatches)");
  }
  if (filter.since || filter.until) {
    const auto ids =
        Statement(
            db_,
            "SELECT min(id), max(id) FROM decisions WHERE decided_at >= ?1 AND (?2 IS NULL OR decided_at < ?2)",
            filter.since.value_or(base::Timestamp()), filter.until)
            .first([](Statement& row) {
              std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>> ends;
              row.read(ends.first, ends.second);
              return ends;
            });
    only("n.id BETWEEN " + std::to_string(ids->first.value_or(0)) + " AND " +
         std::to_string(ids->second.value_or(0)));
  }
  return among;
}

std::vector<LogRow> LogView::rows(const LogFilter& filter) {
  std::string sql =
      "WHERE (?1 = '' OR chat = ?1 OR section = ?1) AND (?2 = '' OR project = ?2) AND (?3 = '' OR outcome = ?3) AND "
      "at >= ?4 AND (?5 IS NULL OR at < ?5) AND (?6 = '' OR user = ?6)";
  std::vector<std::string> patterns;
  for (std::size_t i = 0; i < std::min(filter.words.size(), kMostLikeWords); ++i) {
    patterns.push_back(like_pattern(filter.words[i]));
    sql += " AND message || ' ' || project || ' ' || work LIKE ? ESCAPE '\\'";
  }
  sql += " ORDER BY decision DESC LIMIT ?";
  return Statement(db_, select_row(sql, among(filter)), filter.chat, filter.project, filter.outcome,
                   filter.since.value_or(base::Timestamp()), filter.until, filter.user, patterns,
                   filter.limit > 0 ? filter.limit : -1)
      .all(read_row);
}

std::optional<DecisionId> LogView::decision_about(const std::string& section,
                                                  const std::string& external_id) {
  // What a person wrote, and what we wrote: to a dispatch, or in reply.
  return Statement(
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
}

std::optional<LogRow> LogView::row(DecisionId id) {
  return Statement(db_, select_row("WHERE decision = ?"), id).first(read_row);
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

#include "store/ledger.h"

#include "store/statement.h"

namespace store {

LedgerId Ledger::add(const LedgerEntry& e, base::Timestamp now, std::optional<DecisionId> decision) {
  Statement(db_,
            "INSERT INTO ledger(at, conversation_id, person_id, dispatch_id, purpose, provider, model, "
            "input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, usd, decision_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            now, e.conversation, e.person, e.dispatch, e.purpose, e.provider, e.model, e.input_tokens,
            e.cache_read_tokens, e.cache_write_tokens, e.output_tokens, e.usd, decision)
      .execute();
  return {db_.last_row_id()};
}

void Ledger::charge_to(DecisionId decision, const std::vector<LedgerId>& entries) {
  for (const auto entry : entries) {
    Statement(db_, "UPDATE ledger SET decision_id = ? WHERE id = ?", decision, entry).execute();
  }
}

void Ledger::hand_over(DecisionId from, DecisionId to) {
  Statement(db_, "UPDATE ledger SET decision_id = ?2 WHERE decision_id = ?1", from, to).execute();
}

void Ledger::keep(std::vector<LedgerId>& rows, const std::vector<LedgerEntry>& entries, base::Timestamp now) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& e = entries[i];
    if (i == rows.size()) {
      rows.push_back(add(e, now));
      continue;
    }
    Statement(db_,
              "UPDATE ledger SET at = ?2, model = ?3, input_tokens = ?4, cache_read_tokens = ?5, "
              "cache_write_tokens = ?6, output_tokens = ?7, usd = ?8 WHERE id = ?1",
              rows[i], now, e.model, e.input_tokens, e.cache_read_tokens, e.cache_write_tokens,
              e.output_tokens, e.usd)
        .execute();
  }
  for (; rows.size() > entries.size(); rows.pop_back()) {
    Statement(db_, "DELETE FROM ledger WHERE id = ?", rows.back()).execute();
  }
}

double Ledger::spent_on(DispatchId dispatch) {
  return Statement(db_, "SELECT coalesce(sum(usd), 0) FROM ledger WHERE dispatch_id = ? AND purpose = ?",
                   dispatch, Purpose::specialist)
      .first<double>()
      .value_or(0);
}

LedgerEntry Ledger::used_on(DispatchId dispatch) {
  return Statement(
             db_,
             "SELECT coalesce(sum(input_tokens), 0), coalesce(sum(cache_read_tokens), 0), "
             "coalesce(sum(cache_write_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(usd), 0) "
             "FROM ledger WHERE dispatch_id = ? AND purpose = ?",
             dispatch, Purpose::specialist)
      .first([](Statement& row) {
        LedgerEntry sum;
        row.read(sum.input_tokens, sum.cache_read_tokens, sum.cache_write_tokens, sum.output_tokens, sum.usd);
        return sum;
      })
      .value_or(LedgerEntry{});
}

double Ledger::spent_since(base::Timestamp since, std::optional<PersonId> person) {
  return Statement(
             db_,
             "SELECT coalesce(sum(usd), 0) FROM ledger WHERE at >= ?1 AND (?2 IS NULL OR person_id = ?2)",
             since, person)
      .first<double>()
      .value_or(0);
}

double Ledger::spent_in_since(base::Timestamp since, const std::string& section, const std::string& room) {
  return Statement(db_,
                   "SELECT coalesce(sum(usd), 0) FROM ledger WHERE at >= ? AND conversation_id IN "
                   "(SELECT id FROM conversations WHERE section = ? AND room = ?)",
                   since, section, room)
      .first<double>()
      .value_or(0);
}

void Ledger::raise(const std::string& budget, double usd, PersonId by, base::Timestamp now,
                   base::Timestamp until) {
  Statement(db_, "INSERT INTO budget_raises(at, budget, usd, person_id, until) VALUES (?, ?, ?, ?, ?)", now,
            budget, usd, by, until)
      .execute();
}

std::optional<double> Ledger::raised_to(const std::string& budget, base::Timestamp now) {
  return Statement(db_, "SELECT max(usd) FROM budget_raises WHERE budget = ? AND until > ?", budget, now)
      .first<std::optional<double>>()
      .value_or(std::nullopt);
}

std::optional<base::Timestamp> Ledger::last_raise(const std::string& budget) {
  return Statement(db_, "SELECT max(at) FROM budget_raises WHERE budget = ?", budget)
      .first<std::optional<base::Timestamp>>()
      .value_or(std::nullopt);
}

bool Ledger::note_alert(const BudgetAlert& alert, base::Timestamp now) {
  return Statement(db_,
                   "INSERT OR IGNORE INTO budget_alerts(budget, since, share, usd, spent, at) "
                   "VALUES (?, ?, ?, ?, ?, ?)",
                   alert.budget, alert.since, alert.share, alert.usd, alert.spent, now)
             .execute() > 0;
}

std::vector<BudgetAlert> Ledger::alerts_since(base::Timestamp since) {
  return Statement(
             db_,
             "SELECT budget, since, share, usd, spent FROM budget_alerts WHERE since >= ? ORDER BY at, share",
             since)
      .all([](Statement& row) {
        BudgetAlert alert;
        row.read(alert.budget, alert.since, alert.share, alert.usd, alert.spent);
        return alert;
      });
}

}  // namespace store

#include "store/routing_log.h"

#include "store/statement.h"

namespace store {

void RoutingLog::add(const JudgementRecord& j) {
  Statement(db_,
            "INSERT INTO judgements(decision_id, signals, features, chat, ask_from, dispatch_from) VALUES "
            "(?, ?, ?, ?, ?, ?)",
            j.decision, j.signals, j.features, j.chat, j.ask_from, j.dispatch_from)
      .execute();
}

std::optional<JudgementRecord> RoutingLog::judgement(DecisionId decision) {
  return Statement(
             db_,
             "SELECT decision_id, signals, features, chat, ask_from, dispatch_from FROM judgements WHERE "
             "decision_id = ?",
             decision)
      .first([](Statement& row) {
        JudgementRecord j;
        row.read(j.decision, j.signals, j.features, j.chat, j.ask_from, j.dispatch_from);
        return j;
      });
}

std::vector<DecisionId> RoutingLog::judged() {
  return Statement(db_, "SELECT decision_id FROM judgements ORDER BY decision_id").all<DecisionId>();
}

void RoutingLog::keep_model(const std::string& version, const std::string& bytes, base::Timestamp now) {
  Statement(db_, "INSERT OR IGNORE INTO routing_models(version, bytes, kept_at) VALUES (?, ?, ?)", version,
            bytes, now)
      .execute();
}

bool RoutingLog::has_model(const std::string& version) {
  return Statement(db_, "SELECT 1 FROM routing_models WHERE version = ?", version).any();
}

std::optional<std::string> RoutingLog::model(const std::string& version) {
  return Statement(db_, "SELECT bytes FROM routing_models WHERE version = ?", version).first<std::string>();
}

std::optional<std::string> RoutingLog::calibration() {
  return Statement(db_, "SELECT version FROM calibrations WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
      .first<std::string>();
}

void RoutingLog::apply_calibration(const std::string& version, base::Timestamp now) {
  Statement(db_, "INSERT INTO calibrations(version, applied_at) VALUES (?, ?)", version, now).execute();
}

bool RoutingLog::undo_calibration(base::Timestamp now) {
  return Statement(
             db_,
             "UPDATE calibrations SET undone_at = ? WHERE id = (SELECT max(id) FROM calibrations WHERE undone_at "
             "IS NULL)",
             now)
             .execute() > 0;
}

void RoutingLog::add(const VerdictRecord& v) {
  Statement(db_,
            "INSERT INTO verdicts(decision_id, verdict, note, person_id, given_at) VALUES (?, ?, ?, ?, ?)",
            v.decision, v.verdict, v.note, v.by, v.at)
      .execute();
}

std::vector<VerdictRecord> RoutingLog::verdicts(DecisionId decision) {
  return Statement(
             db_,
             "SELECT decision_id, verdict, note, person_id, given_at FROM verdicts WHERE decision_id = ? ORDER BY "
             "id",
             decision)
      .all([](Statement& row) {
        VerdictRecord v;
        row.read(v.decision, v.verdict, v.note, v.by, v.at);
        return v;
      });
}

std::vector<JudgedDecision> RoutingLog::judged_since(base::Timestamp since) {
  return Statement(
             db_,
             "SELECT n.id, n.decided_at, n.action, n.p, j.signals, j.chat, p.section || ':' || p.user_id, n.proposal IS NOT NULL, n.question, "
             "(SELECT verdict FROM verdicts v WHERE v.decision_id = n.id AND v.person_id IS NULL ORDER BY v.id "
             "DESC LIMIT 1), "
             "(SELECT verdict FROM verdicts v WHERE v.decision_id = n.id AND v.person_id IS NOT NULL ORDER BY v.id "
             "DESC LIMIT 1) "
             "FROM judgements j JOIN decisions n ON n.id = j.decision_id JOIN people p ON p.id = n.person_id "
             "WHERE n.decided_at >= ? ORDER BY n.id",
             since)
      .all([](Statement& row) {
        JudgedDecision d;
        row.read(d.decision, d.at, d.action, d.p, d.signals, d.chat, d.person, d.proposed, d.question,
                 d.by_operator, d.by_person);
        return d;
      });
}

double RoutingLog::usd_of_a_dispatch(base::Timestamp since) {
  return Statement(db_, "SELECT coalesce(avg(usd), 0) FROM dispatches WHERE finished_at >= ?", since)
      .first<double>()
      .value_or(0);
}

}  // namespace store

#include "store/routing_log.h"

#include <map>

#include "store/statement.h"

namespace store {

void RoutingLog::add(const JudgementRecord& j) {
  Statement(db_,
            "INSERT INTO judgements(decision_id, signals, features, chat, ask_from, dispatch_from, "
            "adjustment) VALUES (?, ?, ?, ?, ?, ?, ?)",
            j.decision, j.signals, j.features, j.chat, j.ask_from, j.dispatch_from, j.adjustment)
      .execute();
}

std::optional<JudgementRecord> RoutingLog::judgement(DecisionId decision) {
  return Statement(
             db_,
             "SELECT decision_id, signals, features, chat, ask_from, dispatch_from, adjustment FROM judgements "
             "WHERE decision_id = ?",
             decision)
      .first([](Statement& row) {
        JudgementRecord j;
        row.read(j.decision, j.signals, j.features, j.chat, j.ask_from, j.dispatch_from, j.adjustment);
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
  return Statement(db_, "SELECT 1 FROM routing_models INDEXED BY routing_models_by_version WHERE version = ?",
                   version)
      .any();
}

std::optional<std::string> RoutingLog::model(const std::string& version) {
  return Statement(db_, "SELECT bytes FROM routing_models WHERE version = ?", version).first<std::string>();
}

std::optional<std::string> RoutingLog::calibration() {
  return Statement(db_, "SELECT version FROM calibrations WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
      .first<std::string>();
}

std::optional<base::Timestamp> RoutingLog::calibrated() {
  return Statement(db_,
                   "SELECT applied_at FROM calibrations WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
      .first<base::Timestamp>();
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
  Statement(
      db_,
      "INSERT INTO verdicts(decision_id, verdict, note, person_id, given_at, source, message_id, reviewer) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, nullif(?, ''))",
      v.decision, v.verdict, v.note, v.by, v.at, v.source, v.message, v.reviewer)
      .execute();
}

std::vector<VerdictRecord> RoutingLog::verdicts(DecisionId decision) {
  return Statement(
             db_,
             "SELECT decision_id, verdict, note, person_id, given_at, source, message_id, reviewer FROM verdicts WHERE "
             "decision_id = ? ORDER BY id",
             decision)
      .all([](Statement& row) {
        VerdictRecord v;
        row.read(v.decision, v.verdict, v.note, v.by, v.at, v.source, v.message, v.reviewer);
        return v;
      });
}

bool RoutingLog::has_verdict_by(MessageId message) {
  return Statement(db_, "SELECT 1 FROM verdicts WHERE message_id = ? LIMIT 1", message).any();
}

std::vector<JudgedDecision> RoutingLog::judged_since(base::Timestamp since) {
  auto judged =
      Statement(
          db_,
          "SELECT n.id, n.decided_at, n.action, n.p, j.signals, j.chat, "
          // What the program proposed of a person's own words holds no confidence.
          "p.section || ':' || p.user_id, coalesce(instr(n.proposal, '\"confidence\":') > 0, 0), n.cause, "
          "n.question, n.answered_at "
          "FROM judgements j JOIN decisions n ON n.id = j.decision_id "
          "JOIN people p ON p.id = n.person_id WHERE n.decided_at >= ? ORDER BY n.id",
          since)
          .all([](Statement& row) {
            JudgedDecision d;
            row.read(d.decision, d.at, d.action, d.p, d.signals, d.chat, d.person, d.proposed, d.cause,
                     d.question, d.answered);
            return d;
          });
  std::map<DecisionId, JudgedDecision*> by_id;
  for (auto& decision : judged) {
    by_id[decision.decision] = &decision;
  }
  Statement said(
      db_,
      "SELECT v.decision_id, v.verdict, v.source, coalesce(p.section || ':' || p.user_id, ''), v.given_at "
      "FROM verdicts v LEFT JOIN people p ON p.id = v.person_id ORDER BY v.id");
  while (said.next()) {
    DecisionId decision;
    JudgedDecision::Said verdict;
    VerdictSource source = VerdictSource::said;
    said.read(decision, verdict.verdict, source, verdict.person, verdict.at);
    if (const auto found = by_id.find(decision); found != by_id.end()) {
      auto& of = *found->second;
      (verdict.person.empty() ? of.by_operator : is_from_use(source) ? of.by_use : of.by_person) = verdict;
    }
  }
  return judged;
}

double RoutingLog::usd_of_a_dispatch(base::Timestamp since) {
  return Statement(db_, "SELECT coalesce(avg(usd), 0) FROM dispatches WHERE finished_at >= ?", since)
      .first<double>()
      .value_or(0);
}

}  // namespace store

#include "store/routing_log.h"

#include <algorithm>

#include "store/statement.h"

namespace store {
namespace {

std::string select_judged(const std::string& where) {
  return "SELECT n.id, n.decided_at, n.action, n.p, j.signals, j.chat, "
         // What the program proposed of a person's own words holds no confidence.
         "p.section || ':' || p.user_id, coalesce(instr(n.proposal, '\"confidence\":') > 0, 0), n.cause, "
         "n.question, n.answered_at "
         "FROM judgements j JOIN decisions n ON n.id = j.decision_id "
         "JOIN people p ON p.id = n.person_id WHERE j.chat <> '' AND " +
         where + " ORDER BY n.id";
}

JudgedDecision read_judged(Statement& row) {
  JudgedDecision d;
  row.read(d.decision, d.at, d.action, d.p, d.signals, d.chat, d.person, d.proposed, d.cause, d.question,
           d.answered);
  return d;
}

constexpr const char* kSaid =
    "SELECT v.decision_id, v.verdict, v.source, coalesce(p.section || ':' || p.user_id, ''), v.given_at "
    "FROM verdicts v LEFT JOIN people p ON p.id = v.person_id ";

struct SaidOf {
  DecisionId decision;
  VerdictSource source = VerdictSource::said;
  JudgedDecision::Said said;
};

SaidOf read_said(Statement& row) {
  SaidOf verdict;
  row.read(verdict.decision, verdict.said.verdict, verdict.source, verdict.said.person, verdict.said.at);
  return verdict;
}

/// The last of its kind counts.
void say(JudgedDecision& of, const SaidOf& verdict) {
  (verdict.said.person.empty()   ? of.by_operator
   : is_from_use(verdict.source) ? of.by_use
                                 : of.by_person) = verdict.said;
}

}  // namespace

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
             "WHERE decision_id = ? AND chat <> ''",
             decision)
      .first([](Statement& row) {
        JudgementRecord j;
        row.read(j.decision, j.signals, j.features, j.chat, j.ask_from, j.dispatch_from, j.adjustment);
        return j;
      });
}

// A row without a chat holds the origins alone.
void RoutingLog::add_origins(DecisionId decision, const ThresholdOrigins& origins) {
  add(JudgementRecord{decision, "{}", {}, {}, origins.ask_from, origins.dispatch_from});
}

std::optional<ThresholdOrigins> RoutingLog::origins(DecisionId decision) {
  return Statement(db_, "SELECT ask_from, dispatch_from FROM judgements WHERE decision_id = ?", decision)
      .first([](Statement& row) {
        ThresholdOrigins origins;
        row.read(origins.ask_from, origins.dispatch_from);
        return origins;
      });
}

std::vector<DecisionId> RoutingLog::judged() {
  return Statement(db_, "SELECT decision_id FROM judgements WHERE chat <> '' ORDER BY decision_id")
      .all<DecisionId>();
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
  auto judged = Statement(db_, select_judged("n.decided_at >= ?"), since).all(read_judged);
  Statement said(db_, std::string(kSaid) + "ORDER BY v.id");
  while (said.next()) {
    const auto verdict = read_said(said);
    const auto found = std::lower_bound(
        judged.begin(), judged.end(), verdict.decision,
        [](const JudgedDecision& decision, DecisionId id) { return decision.decision < id; });
    if (found != judged.end() && found->decision == verdict.decision) {
      say(*found, verdict);
    }
  }
  return judged;
}

std::optional<JudgedDecision> RoutingLog::judged(DecisionId decision) {
  auto judged = Statement(db_, select_judged("n.id = ?"), decision).first(read_judged);
  if (judged) {
    Statement said(db_, std::string(kSaid) + "WHERE v.decision_id = ? ORDER BY v.id", decision);
    while (said.next()) {
      say(*judged, read_said(said));
    }
  }
  return judged;
}

RoutingLog::Mark RoutingLog::mark() {
  return Statement(db_,
                   "SELECT coalesce((SELECT max(seq) FROM chain), 0), "
                   "coalesce((SELECT max(id) FROM decisions), 0)")
      .first([](Statement& row) {
        Mark mark;
        row.read(mark.entry, mark.decision);
        return mark;
      })
      .value_or(Mark());
}

std::vector<DecisionId> RoutingLog::changed_since(const Mark& mark) {
  return Statement(db_,
                   "SELECT row_id FROM chain WHERE seq > ?1 AND about = 'decisions' UNION "
                   "SELECT v.decision_id FROM chain c JOIN verdicts v ON v.id = c.row_id "
                   "WHERE c.seq > ?1 AND c.about = 'verdicts' UNION "
                   "SELECT id FROM decisions WHERE id > ?2 ORDER BY 1",
                   mark.entry, mark.decision)
      .all<DecisionId>();
}

double RoutingLog::usd_of_a_dispatch(base::Timestamp since) {
  return Statement(db_, "SELECT coalesce(avg(usd), 0) FROM dispatches WHERE finished_at >= ?", since)
      .first<double>()
      .value_or(0);
}

}  // namespace store

#include "store/dispatch_log.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/error.h"
#include "store/conversations.h"

namespace store {
namespace {

constexpr const char* kDecisionColumns =
    "SELECT id, message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, cause, "
    "reason, "
    "coalesce(proposal, ''), coalesce(question, '') FROM decisions ";

DecisionRecord read_decision(SQLite::Statement& row) {
  DecisionRecord d;
  d.id = {row.getColumn(0).getInt64()};
  d.message = {row.getColumn(1).getInt64()};
  d.conversation = {row.getColumn(2).getInt64()};
  d.person = {row.getColumn(3).getInt64()};
  d.action = row.getColumn(4).getString();
  d.p = row.getColumn(5).getDouble();
  d.ask_at = row.getColumn(6).getDouble();
  d.dispatch_at = row.getColumn(7).getDouble();
  d.layer = row.getColumn(8).getString();
  d.cause = row.getColumn(9).getString();
  d.reason = row.getColumn(10).getString();
  d.proposal = row.getColumn(11).getString();
  d.question = row.getColumn(12).getString();
  return d;
}

constexpr const char* kDispatchColumns =
    "SELECT id, decision_id, conversation_id, person_id, project_id, note_id, action, prompt, specialist, "
    "state, "
    "coalesce(outcome, ''), session_id, session_begun, resumes_session, attempts, record, cancelled_by, "
    "result, facts, "
    "usd, created_at, started_at, finished_at, joined_id FROM dispatches ";

std::optional<base::Timestamp> time_or_nothing(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(base::from_unix_ms(column.getInt64()));
}

DispatchRecord read_dispatch(SQLite::Statement& row) {
  DispatchRecord d;
  d.id = {row.getColumn(0).getInt64()};
  d.decision = {row.getColumn(1).getInt64()};
  d.conversation = {row.getColumn(2).getInt64()};
  d.person = {row.getColumn(3).getInt64()};
  d.project = {row.getColumn(4).getInt64()};
  d.note = {row.getColumn(5).getInt64()};
  d.action = row.getColumn(6).getString();
  d.prompt = row.getColumn(7).getString();
  d.specialist = row.getColumn(8).getString();
  d.state = row.getColumn(9).getString();
  d.outcome = row.getColumn(10).getString();
  d.session_id = row.getColumn(11).getString();
  d.session_begun = row.getColumn(12).getInt() != 0;
  d.resumes_session = row.getColumn(13).getInt() != 0;
  d.attempts = row.getColumn(14).getInt();
  d.record = row.getColumn(15).getString();
  d.cancel_requested = !row.getColumn(16).isNull();
  d.result = row.getColumn(17).getString();
  d.facts = row.getColumn(18).getString();
  d.usd = row.getColumn(19).getDouble();
  d.created = base::from_unix_ms(row.getColumn(20).getInt64());
  d.started = time_or_nothing(row.getColumn(21));
  d.finished = time_or_nothing(row.getColumn(22));
  if (!row.getColumn(23).isNull()) {
    d.joined = DispatchId{row.getColumn(23).getInt64()};
  }
  return d;
}

}  // namespace

DecisionId DispatchLog::add_decision(const DecisionRecord& d, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, "
      "layer, cause, reason, proposal, question, decided_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), iif(?4 = 'ask', 'open', NULL), ?12)");
  s.bind(1, d.message.value);
  s.bind(2, d.conversation.value);
  s.bind(3, d.person.value);
  s.bind(4, d.action);
  s.bind(5, d.p);
  s.bind(6, d.ask_at);
  s.bind(7, d.dispatch_at);
  s.bind(8, d.layer);
  s.bind(9, d.cause);
  s.bind(10, d.reason);
  s.bind(11, d.proposal);
  s.bind(12, base::to_unix_ms(now));
  s.exec();
  return {db_.handle().getLastInsertRowid()};
}

DecisionRecord DispatchLog::decision(DecisionId id) {
  SQLite::Statement s(db_.handle(), std::string(kDecisionColumns) + "WHERE id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    throw base::PermanentError("there is no such decision");
  }
  return read_decision(s);
}

std::optional<DecisionRecord> DispatchLog::open_question(ConversationId conversation, PersonId person) {
  SQLite::Statement s(db_.handle(), std::string(kDecisionColumns) +
                                        "WHERE conversation_id = ? AND question = 'open' AND person_id = ? "
                                        "ORDER BY id DESC LIMIT 1");
  s.bind(1, conversation.value);
  s.bind(2, person.value);
  return s.executeStep() ? std::optional(read_decision(s)) : std::nullopt;
}

bool DispatchLog::answer_question(DecisionId id, const std::string& answer, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE decisions SET question = ?2, answered_at = ?3 WHERE id = ?1 AND question = 'open'");
  s.bind(1, id.value);
  s.bind(2, answer);
  s.bind(3, base::to_unix_ms(now));
  return s.exec() > 0;
}

DispatchId DispatchLog::add_dispatch(const DispatchRecord& d, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO dispatches(decision_id, conversation_id, person_id, project_id, note_id, action, "
      "prompt, specialist, state, session_id, resumes_session, created_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?10, 0, ?9)");
  s.bind(1, d.decision.value);
  s.bind(2, d.conversation.value);
  s.bind(3, d.person.value);
  s.bind(4, d.project.value);
  if (d.note.value != 0) {
    s.bind(5, d.note.value);
  }
  s.bind(6, d.action);
  s.bind(7, d.prompt);
  s.bind(8, d.specialist);
  s.bind(9, base::to_unix_ms(now));
  s.bind(10, d.session_id);
  s.exec();
  return {db_.handle().getLastInsertRowid()};
}

std::vector<DispatchRecord> DispatchLog::select(const std::string& where, std::int64_t id) {
  SQLite::Statement s(db_.handle(), kDispatchColumns + where);
  s.bind(1, id);
  std::vector<DispatchRecord> records;
  while (s.executeStep()) {
    records.push_back(read_dispatch(s));
  }
  return records;
}

DispatchRecord DispatchLog::dispatch(DispatchId id) {
  auto found = select("WHERE id = ?", id.value);
  if (found.empty()) {
    throw base::PermanentError("there is no such dispatch");
  }
  return std::move(found.front());
}

void DispatchLog::set_note(DispatchId id, MessageId note) {
  SQLite::Statement s(db_.handle(), "UPDATE dispatches SET note_id = ? WHERE id = ?");
  s.bind(1, note.value);
  s.bind(2, id.value);
  s.exec();
  SQLite::Statement m(db_.handle(), "UPDATE messages SET dispatch_id = ? WHERE id = ?");
  m.bind(1, id.value);
  m.bind(2, note.value);
  m.exec();
}

bool DispatchLog::begin(DispatchId id, const std::string& session_id, bool resumes_session,
                        const std::string& record, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE dispatches SET state = 'running', session_id = ?2, resumes_session = ?3, record = ?4, "
      "attempts = attempts + 1, started_at = coalesce(started_at, ?5) WHERE id = ?1 "
      "AND state <> 'finished'");
  s.bind(1, id.value);
  s.bind(2, session_id);
  s.bind(3, resumes_session ? 1 : 0);
  s.bind(4, record);
  s.bind(5, base::to_unix_ms(now));
  return s.exec() > 0;
}

void DispatchLog::mark_session_begun(DispatchId id, const std::string& session_id) {
  SQLite::Statement s(db_.handle(), "UPDATE dispatches SET session_begun = 1, session_id = ? WHERE id = ?");
  s.bind(1, session_id);
  s.bind(2, id.value);
  s.exec();
}

void DispatchLog::give_back(DispatchId id) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE dispatches SET state = 'queued', attempts = attempts - 1 WHERE id = ?");
  s.bind(1, id.value);
  s.exec();
}

void DispatchLog::finish(DispatchId id, const std::string& outcome, const std::string& result,
                         const std::string& facts, double usd, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE dispatches SET state = 'finished', outcome = ?2, result = ?3, facts = ?4, usd = ?5, "
      "finished_at = ?6 WHERE id = ?1");
  s.bind(1, id.value);
  s.bind(2, outcome);
  s.bind(3, result);
  s.bind(4, facts);
  s.bind(5, usd);
  s.bind(6, base::to_unix_ms(now));
  s.exec();
}

bool DispatchLog::join(DispatchId waiting, DispatchId into, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE dispatches SET state = 'finished', outcome = 'success', joined_id = ?2, "
                      "result = 'Passed on to d-' || ?2 || '.', finished_at = ?3 "
                      "WHERE id = ?1 AND state = 'queued'");
  s.bind(1, waiting.value);
  s.bind(2, into.value);
  s.bind(3, base::to_unix_ms(now));
  if (s.exec() == 0) {
    return false;
  }
  SQLite::Statement grow(
      db_.handle(),
      "UPDATE dispatches SET prompt = prompt || char(10, 10) || 'Added while it was at work:' || char(10) || "
      "(SELECT w.prompt FROM dispatches w WHERE w.id = ?1) WHERE id = ?2");
  grow.bind(1, waiting.value);
  grow.bind(2, into.value);
  grow.exec();
  return true;
}

bool DispatchLog::request_cancel(DispatchId id, PersonId by) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE dispatches SET cancelled_by = coalesce(cancelled_by, ?2) WHERE id = ?1 AND "
                      "state <> 'finished'");
  s.bind(1, id.value);
  s.bind(2, by.value);
  return s.exec() > 0;
}

bool DispatchLog::cancel_requested(DispatchId id) {
  SQLite::Statement s(db_.handle(), "SELECT cancelled_by IS NOT NULL FROM dispatches WHERE id = ?");
  s.bind(1, id.value);
  return s.executeStep() && s.getColumn(0).getInt() != 0;
}

std::vector<DispatchRecord> DispatchLog::open(ConversationId conversation) {
  return select(
      "WHERE conversation_id IN (SELECT o.id FROM conversations o JOIN conversations mine ON mine.id = ? "
      "WHERE o.section = mine.section AND o.room = mine.room) AND state <> 'finished' ORDER BY id",
      conversation.value);
}

std::optional<DispatchRecord> DispatchLog::open_of(ProjectId project) {
  auto found = select("WHERE project_id = ? AND state <> 'finished' ORDER BY id LIMIT 1", project.value);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<DispatchRecord> DispatchLog::last_of(ProjectId project) {
  auto found = select("WHERE project_id = ? AND joined_id IS NULL ORDER BY id DESC LIMIT 1", project.value);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<DispatchRecord> DispatchLog::last_work_on(ProjectId project) {
  auto found =
      select("WHERE project_id = ? AND action <> 'review' AND joined_id IS NULL ORDER BY id DESC LIMIT 1",
             project.value);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<DispatchRecord> DispatchLog::last_finished_of(ProjectId project) {
  auto found =
      select("WHERE project_id = ? AND state = 'finished' AND joined_id IS NULL ORDER BY id DESC LIMIT 1",
             project.value);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<DispatchRecord> DispatchLog::waiting_of(ProjectId project) {
  return select("WHERE project_id = ? AND state = 'queued' ORDER BY id", project.value);
}

int DispatchLog::running() {
  SQLite::Statement s(db_.handle(),
                      "SELECT count(*) FROM dispatches WHERE state = 'running' AND conversation_id NOT IN "
                      "(SELECT id FROM conversations WHERE section = ?)");
  s.bind(1, kShellSection);
  s.executeStep();
  return s.getColumn(0).getInt();
}

std::vector<DispatchRecord> DispatchLog::running_in(const std::string& section) {
  SQLite::Statement s(db_.handle(), std::string(kDispatchColumns) +
                                        "WHERE state = 'running' AND conversation_id IN "
                                        "(SELECT id FROM conversations WHERE section = ?)");
  s.bind(1, section);
  std::vector<DispatchRecord> records;
  while (s.executeStep()) {
    records.push_back(read_dispatch(s));
  }
  return records;
}

}  // namespace store

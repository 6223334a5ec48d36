#include "store/dispatch_log.h"

#include <algorithm>

#include "base/error.h"
#include "store/conversations.h"
#include "store/statement.h"

namespace store {
namespace {

/// More than can be at work at a time.
constexpr int kNewestLegs = 200;

constexpr const char* kCountRunning =
    "SELECT count(*) FROM dispatches WHERE state = 'running' AND conversation_id NOT IN (SELECT id FROM "
    "conversations WHERE section = ?)";

std::string select_decision(const char* rest) {
  return std::string(
             "SELECT id, message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, cause, "
             "reason, proposal, question, became, follows_id FROM decisions ") +
         rest;
}

DecisionRecord read_decision(Statement& row) {
  DecisionRecord d;
  row.read(d.id, d.message, d.conversation, d.person, d.action, d.p, d.ask_at, d.dispatch_at, d.layer,
           d.cause, d.reason, d.proposal, d.question, d.outcome, d.follows);
  return d;
}

std::string select_dispatch(const char* rest) {
  return std::string(
             "SELECT id, decision_id, conversation_id, person_id, project_id, note_id, action, prompt, specialist, "
             "state, outcome, session_id, session_begun, resumes_session, attempts, record, cancelled_by IS NOT NULL, "
             "joined_id, result, facts, usd, created_at, started_at, finished_at FROM dispatches ") +
         rest;
}

DispatchRecord read_dispatch(Statement& row) {
  DispatchRecord d;
  row.read(d.id, d.decision, d.conversation, d.person, d.project, d.note, d.action, d.prompt, d.specialist,
           d.state, d.outcome, d.session_id, d.session_begun, d.resumes_session, d.attempts, d.record,
           d.cancel_requested, d.joined, d.result, d.facts, d.usd, d.created, d.started, d.finished);
  return d;
}

}  // namespace

DecisionId DispatchLog::add_decision(const DecisionRecord& d, base::Timestamp now) {
  Statement(
      db_,
      "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, "
      "layer, cause, reason, proposal, question, decided_at, became, follows_id) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), iif(?4 = 'ask', 'open', NULL), ?12, ?13, ?14)",
      d.message, d.conversation, d.person, d.action, d.p, d.ask_at, d.dispatch_at, d.layer, d.cause, d.reason,
      d.proposal, now, d.outcome, d.follows)
      .execute();
  return {db_.last_row_id()};
}

DecisionRecord DispatchLog::decision(DecisionId id) {
  auto found = Statement(db_, select_decision("WHERE id = ?"), id).first(read_decision);
  if (!found) {
    throw base::PermanentError("there is no such decision");
  }
  return *std::move(found);
}

std::optional<DecisionRecord> DispatchLog::last_decision(ConversationId conversation) {
  return Statement(db_, select_decision("WHERE conversation_id = ? ORDER BY id DESC LIMIT 1"), conversation)
      .first(read_decision);
}

std::optional<DecisionRecord> DispatchLog::last_decision(ConversationId conversation, PersonId person) {
  return Statement(db_,
                   select_decision("WHERE conversation_id = ? AND person_id = ? ORDER BY id DESC LIMIT 1"),
                   conversation, person)
      .first(read_decision);
}

std::vector<RecentDecision> DispatchLog::last_decisions(ConversationId conversation, int limit) {
  return Statement(db_,
                   "SELECT n.id, n.action, n.cause, n.question, n.became, n.follows_id, m.created_at, "
                   "m.button IS NOT NULL FROM decisions n CROSS JOIN messages m ON m.id = n.message_id "
                   "WHERE n.conversation_id = ? ORDER BY n.id DESC LIMIT ?",
                   conversation, limit)
      .all([](Statement& row) {
        RecentDecision d;
        row.read(d.id, d.action, d.cause, d.question, d.outcome, d.follows, d.said, d.by_button);
        return d;
      });
}

std::optional<DecisionRecord> DispatchLog::decision_about(MessageId message) {
  return Statement(db_, select_decision("WHERE message_id = ? ORDER BY id DESC LIMIT 1"), message)
      .first(read_decision);
}

DecisionRecord DispatchLog::asked(DecisionId id) {
  auto found = decision(id);
  return found.follows ? decision(*found.follows) : found;
}

std::optional<DecisionRecord> DispatchLog::open_question(ConversationId conversation, PersonId person) {
  return Statement(db_,
                   select_decision("WHERE conversation_id = ? AND question = 'open' AND person_id = ? "
                                   "ORDER BY id DESC LIMIT 1"),
                   conversation, person)
      .first(read_decision);
}

std::optional<QuestionState> DispatchLog::question_of(DecisionId id) {
  return Statement(db_, "SELECT question FROM decisions WHERE id = ? AND question IS NOT NULL", id)
      .first<QuestionState>();
}

bool DispatchLog::answer_question(DecisionId id, QuestionState answer, base::Timestamp now) {
  return Statement(db_,
                   "UPDATE decisions SET question = ?2, answered_at = ?3 WHERE id = ?1 AND question = 'open'",
                   id, answer, now)
             .execute() > 0;
}

bool DispatchLog::was_over_budget(ConversationId conversation, PersonId person, base::Timestamp since,
                                  const std::string& budget) {
  return Statement(db_,
                   "SELECT 1 FROM decisions WHERE conversation_id = ? AND person_id = ? AND decided_at >= ? "
                   "AND became = 'over_budget' AND cause = 'rule:budget' AND instr(reason, ?) > 0 LIMIT 1",
                   conversation, person, since, budget)
      .any();
}

void DispatchLog::note_over_budget(DecisionId id) {
  Statement(db_, "UPDATE decisions SET became = 'over_budget' WHERE id = ?", id).execute();
}

DispatchId DispatchLog::add_dispatch(const DispatchRecord& d, base::Timestamp now) {
  const auto note = d.note.value != 0 ? std::optional(d.note) : std::nullopt;
  Statement(db_,
            "INSERT INTO dispatches(decision_id, conversation_id, person_id, project_id, note_id, action, "
            "prompt, specialist, state, session_id, resumes_session, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?)",
            d.decision, d.conversation, d.person, d.project, note, d.action, d.prompt, d.specialist,
            d.session_id, now)
      .execute();
  return {db_.last_row_id()};
}

DispatchRecord DispatchLog::dispatch(DispatchId id) {
  auto found = Statement(db_, select_dispatch("WHERE id = ?"), id).first(read_dispatch);
  if (!found) {
    throw base::PermanentError("there is no such dispatch");
  }
  return *std::move(found);
}

void DispatchLog::set_note(DispatchId id, MessageId note) {
  Statement(db_, "UPDATE dispatches SET note_id = ? WHERE id = ?", note, id).execute();
  Statement(db_, "UPDATE messages SET dispatch_id = ? WHERE id = ?", id, note).execute();
}

bool DispatchLog::begin(DispatchId id, const std::string& session_id, bool resumes_session,
                        const std::string& record, base::Timestamp now) {
  const auto begun =
      Statement(
          db_,
          "UPDATE dispatches SET state = 'running', session_id = ?2, resumes_session = ?3, record = ?4, result = '', "
          "attempts = attempts + 1, started_at = coalesce(started_at, ?5) WHERE id = ?1 "
          "AND state <> 'finished'",
          id, session_id, resumes_session, record, now)
          .execute() > 0;
  if (begun) {
    Statement(db_, "INSERT INTO legs(dispatch_id, record, started_at) VALUES (?, ?, ?)", id, record, now)
        .execute();
  }
  return begun;
}

void DispatchLog::interrupt(DispatchId id, int turns, base::Timestamp at) {
  Statement(db_,
            "UPDATE legs SET interrupted = 1, turns = max(turns, ?2), ended_at = max(started_at, ?3) WHERE "
            "dispatch_id = ?1 AND ended_at IS NULL",
            id, turns, at)
      .execute();
}

void DispatchLog::note_at_work(DispatchId id, int turns, base::Timestamp at) {
  Statement(
      db_,
      "UPDATE legs SET turns = max(turns, ?2), seen_at = max(started_at, ?3) WHERE dispatch_id = ?1 AND "
      "ended_at IS NULL",
      id, turns, at)
      .execute();
}

std::chrono::milliseconds time_worked(const std::vector<Leg>& legs) {
  std::chrono::milliseconds worked{0};
  for (const auto& leg : legs) {
    worked += std::chrono::duration_cast<std::chrono::milliseconds>(
        leg.ended.value_or(leg.seen.value_or(leg.started)) - leg.started);
  }
  return worked;
}

std::vector<Leg> DispatchLog::legs(DispatchId id) {
  return Statement(
             db_,
             "SELECT record, started_at, ended_at, seen_at, interrupted, turns FROM legs WHERE dispatch_id = ? "
             "ORDER BY id",
             id)
      .all([](Statement& row) {
        Leg leg;
        row.read(leg.record, leg.started, leg.ended, leg.seen, leg.interrupted, leg.turns);
        return leg;
      });
}

void DispatchLog::mark_session_begun(DispatchId id, const std::string& session_id) {
  Statement(db_, "UPDATE dispatches SET session_begun = 1, session_id = ? WHERE id = ?", session_id, id)
      .execute();
}

void DispatchLog::keep_report(DispatchId id, const std::string& report) {
  Statement(db_, "UPDATE dispatches SET result = ?2 WHERE id = ?1 AND state = 'running'", id, report)
      .execute();
}

void DispatchLog::give_back(DispatchId id) {
  Statement(db_, "UPDATE dispatches SET state = 'queued', attempts = attempts - 1 WHERE id = ?", id)
      .execute();
}

void DispatchLog::finish(DispatchId id, DispatchOutcome outcome, const std::string& result,
                         const std::string& facts, double usd, base::Timestamp now) {
  Statement(db_,
            "UPDATE dispatches SET state = 'finished', outcome = ?2, result = ?3, facts = ?4, usd = ?5, "
            "finished_at = ?6 WHERE id = ?1",
            id, outcome, result, facts, usd, now)
      .execute();
  Statement(db_, "UPDATE legs SET ended_at = ?2 WHERE dispatch_id = ?1 AND ended_at IS NULL", id, now)
      .execute();
}

bool DispatchLog::join(DispatchId waiting, DispatchId into, base::Timestamp now) {
  const auto finished =
      Statement(db_,
                "UPDATE dispatches SET state = 'finished', outcome = 'success', joined_id = "
                "?2, result = 'Passed on to d-' || ?2 || '.', finished_at = ?3 "
                "WHERE id = ?1 AND state = 'queued'",
                waiting, into, now)
          .execute();
  if (finished == 0) {
    return false;
  }
  Statement(
      db_,
      "UPDATE dispatches SET prompt = prompt || char(10, 10) || 'Added while it was at work:' || char(10) || "
      "(SELECT w.prompt FROM dispatches w WHERE w.id = ?1) WHERE id = ?2",
      waiting, into)
      .execute();
  return true;
}

bool DispatchLog::request_cancel(DispatchId id, PersonId by) {
  return Statement(db_,
                   "UPDATE dispatches SET cancelled_by = coalesce(cancelled_by, ?2) WHERE id = ?1 AND "
                   "state <> 'finished'",
                   id, by)
             .execute() > 0;
}

bool DispatchLog::cancel_requested(DispatchId id) {
  return Statement(db_, "SELECT cancelled_by IS NOT NULL FROM dispatches WHERE id = ?", id)
      .first<bool>()
      .value_or(false);
}

std::vector<DispatchRecord> DispatchLog::open(ConversationId conversation) {
  return Statement(
             db_,
             select_dispatch(
                 "WHERE conversation_id IN (SELECT o.id FROM conversations o JOIN conversations mine ON "
                 "mine.id = ? WHERE o.section = mine.section AND o.room = mine.room) "
                 "AND state <> 'finished' ORDER BY id"),
             conversation)
      .all(read_dispatch);
}

std::optional<DispatchRecord> DispatchLog::open_of(ProjectId project) {
  return Statement(db_, select_dispatch("WHERE project_id = ? AND state <> 'finished' ORDER BY id LIMIT 1"),
                   project)
      .first(read_dispatch);
}

std::optional<DispatchRecord> DispatchLog::last_of(ProjectId project) {
  return Statement(db_,
                   select_dispatch("WHERE project_id = ? AND joined_id IS NULL ORDER BY id DESC LIMIT 1"),
                   project)
      .first(read_dispatch);
}

std::optional<DispatchRecord> DispatchLog::last_work_on(ProjectId project) {
  return Statement(db_,
                   select_dispatch("WHERE project_id = ? AND action <> 'review' AND joined_id IS NULL "
                                   "ORDER BY id DESC LIMIT 1"),
                   project)
      .first(read_dispatch);
}

std::optional<DispatchRecord> DispatchLog::last_finished_of(ProjectId project) {
  return Statement(db_,
                   select_dispatch("WHERE project_id = ? AND state = 'finished' AND joined_id IS NULL "
                                   "ORDER BY id DESC LIMIT 1"),
                   project)
      .first(read_dispatch);
}

std::vector<DispatchRecord> DispatchLog::waiting_of(ProjectId project) {
  return Statement(db_, select_dispatch("WHERE project_id = ? AND state = 'queued' ORDER BY id"), project)
      .all(read_dispatch);
}

std::vector<DispatchLog::Unbegun> DispatchLog::unbegun(const std::string& job_kind) {
  // Whoever waits does so behind a run, which says every other second that it is at work, or behind a run of
  // another process, for which its job is put off again and again.
  const auto seen =
      Statement(db_,
                "SELECT max(coalesce((SELECT created_at FROM messages ORDER BY id DESC LIMIT 1), 0), "
                "coalesce((SELECT max(max(started_at, coalesce(seen_at, 0), coalesce(ended_at, 0))) "
                "FROM (SELECT * FROM legs ORDER BY id DESC LIMIT ?)), 0))",
                kNewestLegs)
          .first<base::Timestamp>()
          .value_or(base::Timestamp());
  std::vector<Unbegun> found;
  for (auto& dispatch :
       Statement(db_,
                 select_dispatch("WHERE state <> 'finished' AND state = 'queued' AND cancelled_by IS NULL "
                                 "AND NOT EXISTS (SELECT 1 FROM legs WHERE dispatch_id = dispatches.id) "
                                 "ORDER BY id"))
           .all(read_dispatch)) {
    const auto put_off =
        Statement(db_, "SELECT max(waits_since) FROM jobs WHERE kind = ? AND ref = ?", job_kind, dispatch.id)
            .first<std::optional<base::Timestamp>>()
            .value_or(std::nullopt);
    const auto last = std::max({seen, dispatch.created, put_off.value_or(dispatch.created)});
    found.push_back({std::move(dispatch), last});
  }
  return found;
}

int DispatchLog::running() {
  return Statement(db_, kCountRunning, std::string(kShellSection)).first<int>().value_or(0);
}

int DispatchLog::holding_a_place() {
  return Statement(db_,
                   std::string(kCountRunning) +
                       " AND id NOT IN (SELECT dispatch_id FROM approvals WHERE state = 'open')",
                   std::string(kShellSection))
      .first<int>()
      .value_or(0);
}

std::vector<DispatchRecord> DispatchLog::running_in(const std::string& section) {
  return Statement(db_,
                   select_dispatch("WHERE state = 'running' AND conversation_id IN "
                                   "(SELECT id FROM conversations WHERE section = ?)"),
                   section)
      .all(read_dispatch);
}

}  // namespace store

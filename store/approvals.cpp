#include "store/approvals.h"

#include <sstream>

#include <fmt/ranges.h>

#include "base/error.h"
#include "store/statement.h"

namespace store {
namespace {

std::string select_approval(const char* rest) {
  return std::string(
             "SELECT a.id, a.dispatch_id, d.conversation_id, d.person_id, a.message_id, a.request_id, a.hash, a.kind, "
             "a.tool, a.detail, a.questions, coalesce(a.rules, ''), a.answers, a.state, a.comment, a.settled_by, a.asked_at, a.settled_at "
             "FROM approvals a JOIN dispatches d ON d.id = a.dispatch_id ") +
         rest;
}

Approval read_approval(Statement& row) {
  Approval a;
  std::string rules;
  row.read(a.id, a.dispatch, a.conversation, a.person, a.message, a.request_id, a.hash, a.kind, a.tool,
           a.detail, a.questions, rules, a.answers, a.state, a.comment, a.by, a.asked, a.settled);
  std::istringstream lines(rules);
  for (std::string rule; std::getline(lines, rule);) {
    a.rules.push_back(rule);
  }
  return a;
}

}  // namespace

std::string allowed_instead(const Approval& approval) {
  // Nobody says anything else with their leave.
  return approval.kind == ApprovalKind::permission && approval.state == ApprovalState::allowed
             ? approval.comment
             : std::string();
}

std::int64_t Approvals::add(const Approval& a, base::Timestamp now) {
  Statement(
      db_,
      "INSERT INTO approvals(dispatch_id, request_id, hash, kind, tool, detail, questions, asked_at, rules) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))",
      a.dispatch, a.request_id, a.hash, a.kind, a.tool, a.detail, a.questions, now,
      fmt::format("{}", fmt::join(a.rules, "\n")))
      .execute();
  return db_.last_row_id();
}

void Approvals::set_message(std::int64_t id, MessageId message) {
  Statement(db_, "UPDATE approvals SET message_id = ? WHERE id = ?", message, id).execute();
}

void Approvals::set_answers(std::int64_t id, const std::string& answers) {
  Statement(db_, "UPDATE approvals SET answers = ? WHERE id = ?", answers, id).execute();
}

std::optional<Approval> Approvals::find(std::int64_t id) {
  return Statement(db_, select_approval("WHERE a.id = ?"), id).first(read_approval);
}

Approval Approvals::get(std::int64_t id) {
  auto found = find(id);
  if (!found) {
    throw base::PermanentError("there is no such approval");
  }
  return *std::move(found);
}

std::optional<Approval> Approvals::find(DispatchId dispatch, const std::string& request_id) {
  return Statement(db_,
                   select_approval("WHERE a.dispatch_id = ? AND a.request_id = ? ORDER BY a.id DESC LIMIT 1"),
                   dispatch, request_id)
      .first(read_approval);
}

std::optional<Approval> Approvals::shown_by(MessageId message) {
  return Statement(db_, select_approval("WHERE a.message_id = ?"), message).first(read_approval);
}

bool Approvals::settle(std::int64_t id, ApprovalState state, const std::string& comment,
                       std::optional<PersonId> by, base::Timestamp now) {
  return Statement(db_,
                   "UPDATE approvals SET state = ?, comment = ?, settled_by = ?, settled_at = ? "
                   "WHERE id = ? AND state = 'open'",
                   state, comment, by, now, id)
             .execute() > 0;
}

std::vector<Approval> Approvals::of(DispatchId dispatch) {
  return Statement(db_, select_approval("WHERE a.dispatch_id = ? ORDER BY a.id"), dispatch)
      .all(read_approval);
}

std::vector<Approval> Approvals::of_task(DispatchId dispatch, const std::string& before) {
  auto all = of(dispatch);
  for (std::optional<DispatchId> at = dispatch; at;) {
    // One that took up more has that behind its prompt (DispatchLog::join).
    at =
        Statement(
            db_,
            "SELECT e.id FROM dispatches e JOIN dispatches d ON d.id = ?1 AND e.project_id = d.project_id "
            "AND e.id < d.id WHERE e.prompt <> '' AND (d.prompt = ?2 || e.prompt OR instr(d.prompt, "
            "?2 || e.prompt || char(10, 10) || 'Added while it was at work:') = 1) ORDER BY e.id DESC LIMIT 1",
            *at, before)
            .first<DispatchId>();
    const auto earlier = at ? of(*at) : std::vector<Approval>();
    all.insert(all.begin(), earlier.begin(), earlier.end());
  }
  return all;
}

std::vector<Approval> Approvals::open_of(DispatchId dispatch) {
  return Statement(db_, select_approval("WHERE a.dispatch_id = ? AND a.state = 'open' ORDER BY a.id"),
                   dispatch)
      .all(read_approval);
}

std::vector<Approval> Approvals::open() {
  return Statement(db_, select_approval("WHERE a.state = 'open' ORDER BY a.id")).all(read_approval);
}

std::vector<Approval> Approvals::open_in(ConversationId conversation) {
  return Statement(db_, select_approval("WHERE a.state = 'open' AND d.conversation_id = ? ORDER BY a.id"),
                   conversation)
      .all(read_approval);
}

}  // namespace store

#include "store/approvals.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/error.h"

namespace store {
namespace {

constexpr const char* kColumns =
    "SELECT a.id, a.dispatch_id, d.conversation_id, d.person_id, a.message_id, a.request_id, a.hash, a.kind, "
    "a.tool, "
    "a.detail, a.questions, a.answers, a.state, a.comment, a.settled_by, a.asked_at, a.settled_at "
    "FROM approvals a JOIN dispatches d ON d.id = a.dispatch_id ";

std::vector<Approval> read_all(SQLite::Statement& s) {
  std::vector<Approval> approvals;
  while (s.executeStep()) {
    Approval a;
    a.id = s.getColumn(0).getInt64();
    a.dispatch = {s.getColumn(1).getInt64()};
    a.conversation = {s.getColumn(2).getInt64()};
    a.person = {s.getColumn(3).getInt64()};
    a.message = {s.getColumn(4).getInt64()};
    a.request_id = s.getColumn(5).getString();
    a.hash = s.getColumn(6).getString();
    a.kind = s.getColumn(7).getString();
    a.tool = s.getColumn(8).getString();
    a.detail = s.getColumn(9).getString();
    a.questions = s.getColumn(10).getString();
    a.answers = s.getColumn(11).getString();
    a.state = s.getColumn(12).getString();
    a.comment = s.getColumn(13).getString();
    if (!s.getColumn(14).isNull()) {
      a.by = PersonId{s.getColumn(14).getInt64()};
    }
    a.asked = base::from_unix_ms(s.getColumn(15).getInt64());
    if (!s.getColumn(16).isNull()) {
      a.settled = base::from_unix_ms(s.getColumn(16).getInt64());
    }
    approvals.push_back(std::move(a));
  }
  return approvals;
}

}  // namespace

std::int64_t Approvals::add(const Approval& a, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO approvals(dispatch_id, request_id, hash, kind, tool, detail, questions, asked_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(1, a.dispatch.value);
  s.bind(2, a.request_id);
  s.bind(3, a.hash);
  s.bind(4, a.kind);
  s.bind(5, a.tool);
  s.bind(6, a.detail);
  s.bind(7, a.questions);
  s.bind(8, base::to_unix_ms(now));
  s.exec();
  return db_.handle().getLastInsertRowid();
}

void Approvals::set_message(std::int64_t id, MessageId message) {
  SQLite::Statement s(db_.handle(), "UPDATE approvals SET message_id = ? WHERE id = ?");
  s.bind(1, message.value);
  s.bind(2, id);
  s.exec();
}

void Approvals::set_answers(std::int64_t id, const std::string& answers) {
  SQLite::Statement s(db_.handle(), "UPDATE approvals SET answers = ? WHERE id = ?");
  s.bind(1, answers);
  s.bind(2, id);
  s.exec();
}

Approval Approvals::get(std::int64_t id) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE a.id = ?");
  s.bind(1, id);
  auto found = read_all(s);
  if (found.empty()) {
    throw base::PermanentError("there is no such approval");
  }
  return std::move(found.front());
}

std::optional<Approval> Approvals::find(DispatchId dispatch, const std::string& request_id) {
  SQLite::Statement s(
      db_.handle(),
      std::string(kColumns) + "WHERE a.dispatch_id = ? AND a.request_id = ? ORDER BY a.id DESC LIMIT 1");
  s.bind(1, dispatch.value);
  s.bind(2, request_id);
  auto found = read_all(s);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<Approval> Approvals::shown_by(MessageId message) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE a.message_id = ?");
  s.bind(1, message.value);
  auto found = read_all(s);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

bool Approvals::settle(std::int64_t id, const std::string& state, const std::string& comment,
                       std::optional<PersonId> by, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE approvals SET state = ?, comment = ?, settled_by = ?, settled_at = ? "
                      "WHERE id = ? AND state = 'open'");
  s.bind(1, state);
  s.bind(2, comment);
  if (by) {
    s.bind(3, by->value);
  }
  s.bind(4, base::to_unix_ms(now));
  s.bind(5, id);
  return s.exec() > 0;
}

std::vector<Approval> Approvals::of(DispatchId dispatch) {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE a.dispatch_id = ? ORDER BY a.id");
  s.bind(1, dispatch.value);
  return read_all(s);
}

std::vector<Approval> Approvals::open_of(DispatchId dispatch) {
  SQLite::Statement s(db_.handle(),
                      std::string(kColumns) + "WHERE a.dispatch_id = ? AND a.state = 'open' ORDER BY a.id");
  s.bind(1, dispatch.value);
  return read_all(s);
}

std::vector<Approval> Approvals::open() {
  SQLite::Statement s(db_.handle(), std::string(kColumns) + "WHERE a.state = 'open' ORDER BY a.id");
  return read_all(s);
}

std::vector<Approval> Approvals::open_in(ConversationId conversation) {
  SQLite::Statement s(
      db_.handle(), std::string(kColumns) + "WHERE a.state = 'open' AND d.conversation_id = ? ORDER BY a.id");
  s.bind(1, conversation.value);
  return read_all(s);
}

std::vector<Approval> Approvals::open_for(ConversationId conversation, PersonId person) {
  SQLite::Statement s(db_.handle(),
                      std::string(kColumns) +
                          "WHERE a.state = 'open' AND d.conversation_id = ? AND d.person_id = ? "
                          "ORDER BY a.id");
  s.bind(1, conversation.value);
  s.bind(2, person.value);
  return read_all(s);
}

}  // namespace store

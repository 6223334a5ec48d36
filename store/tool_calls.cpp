#include "store/tool_calls.h"

#include "store/statement.h"

namespace store {
namespace {

std::string select_call(const char* rest) {
  return std::string(
             "SELECT id, message_id, conversation_id, person_id, server, tool, arguments, hash, only_reads, state, "
             "shown_id, result, made_at, expires_at, begun_at, ended_at, settled_by, comment, about, read_back, said_id FROM tool_calls ") +
         rest;
}

constexpr const char* kDoubtful =
    "WHERE state = 'uncertain' AND NOT EXISTS (SELECT 1 FROM inbox_done WHERE item = 'call-' || tool_calls.id)";

ToolCallRecord read_call(Statement& row) {
  ToolCallRecord c;
  row.read(c.id, c.message, c.conversation, c.person, c.server, c.tool, c.arguments, c.hash, c.only_reads,
           c.state, c.shown, c.result, c.made, c.expires, c.begun, c.ended, c.by, c.comment, c.about,
           c.read_back, c.said);
  return c;
}

}  // namespace

std::int64_t ToolCalls::add(const ToolCallRecord& c, base::Timestamp now) {
  const auto state = c.expires ? ToolCallState::open : ToolCallState::running;
  const auto begun = c.expires ? std::optional<base::Timestamp>() : std::optional(now);
  Statement(
      db_,
      "INSERT INTO tool_calls(message_id, conversation_id, person_id, server, tool, arguments, hash, "
      "only_reads, state, result, made_at, expires_at, begun_at, about, said_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?)",
      c.message, c.conversation, c.person, c.server, c.tool, c.arguments, c.hash, c.only_reads, state, now,
      c.expires, begun, c.about, c.said)
      .execute();
  return db_.last_row_id();
}

std::optional<ToolCallRecord> ToolCalls::find(std::int64_t id) {
  return Statement(db_, select_call("WHERE id = ?"), id).first(read_call);
}

void ToolCalls::set_shown(std::int64_t id, MessageId shown) {
  Statement(db_, "UPDATE tool_calls SET shown_id = ? WHERE id = ?", shown, id).execute();
}

bool ToolCalls::begin(std::int64_t id, PersonId by, base::Timestamp now) {
  return Statement(
             db_,
             "UPDATE tool_calls SET state = 'running', begun_at = ?2, settled_by = ?3 WHERE id = ?1 AND "
             "state = 'open' AND expires_at > ?2",
             id, now, by)
             .execute() > 0;
}

bool ToolCalls::end(std::int64_t id, ToolCallState state, const std::string& result, base::Timestamp now,
                    const std::string& read_back) {
  return Statement(
             db_,
             "UPDATE tool_calls SET state = ?, result = ?, ended_at = ?, read_back = ? WHERE id = ? AND state = "
             "'running'",
             state, result, now, read_back, id)
             .execute() > 0;
}

bool ToolCalls::settle(std::int64_t id, ToolCallState state, base::Timestamp now, const Settled& settled) {
  return Statement(
             db_,
             "UPDATE tool_calls SET state = ?, ended_at = ?, settled_by = ?, comment = ? WHERE id = ? AND "
             "state = 'open'",
             state, now, settled.by, settled.comment, id)
             .execute() > 0;
}

bool ToolCalls::is_any_alive(MessageId said) {
  return Statement(
             db_,
             "SELECT 1 FROM tool_calls WHERE said_id = ? AND (state = 'open' OR begun_at IS NOT NULL) LIMIT 1",
             said)
      .any();
}

std::vector<ToolCallRecord> ToolCalls::of(MessageId message) {
  return Statement(db_, select_call("WHERE message_id = ? ORDER BY id"), message).all(read_call);
}

std::vector<ToolCallRecord> ToolCalls::open_of(ConversationId conversation, PersonId person) {
  return Statement(db_,
                   select_call("WHERE conversation_id = ? AND person_id = ? AND state = 'open' ORDER BY id"),
                   conversation, person)
      .all(read_call);
}

std::vector<ToolCallRecord> ToolCalls::recent_readings(ConversationId conversation, PersonId person,
                                                       const std::string& server) {
  return Statement(
             db_,
             select_call("WHERE id IN (SELECT id FROM tool_calls WHERE person_id = ? ORDER BY id DESC "
                         "LIMIT 50) AND conversation_id = ? AND server = ? AND only_reads AND state = 'done' "
                         "ORDER BY id DESC"),
             person, conversation, server)
      .all(read_call);
}

std::optional<ToolCallRecord> ToolCalls::last_asked(ConversationId conversation, PersonId person) {
  return Statement(
             db_,
             select_call(
                 "WHERE conversation_id = ? AND person_id = ? AND expires_at IS NOT NULL ORDER BY id DESC LIMIT 1"),
             conversation, person)
      .first(read_call);
}

std::optional<ToolCallRecord> ToolCalls::begun_since(ConversationId conversation, PersonId person,
                                                     base::Timestamp since) {
  return Statement(db_,
                   select_call("WHERE conversation_id = ? AND person_id = ? AND expires_at IS NOT NULL AND "
                               "begun_at >= ? ORDER BY id DESC LIMIT 1"),
                   conversation, person, since)
      .first(read_call);
}

std::vector<ToolCallRecord> ToolCalls::open() {
  return Statement(db_, select_call("WHERE state = 'open' ORDER BY id")).all(read_call);
}

std::vector<ToolCallRecord> ToolCalls::running() {
  return Statement(db_, select_call("WHERE state = 'running' ORDER BY id")).all(read_call);
}

std::vector<ToolCallRecord> ToolCalls::running_in(ConversationId conversation) {
  return Statement(db_, select_call("WHERE state = 'running' AND conversation_id = ? ORDER BY id"),
                   conversation)
      .all(read_call);
}

std::vector<ToolCallRecord> ToolCalls::doubts(int limit) {
  return Statement(db_, select_call((std::string(kDoubtful) + " ORDER BY id DESC LIMIT ?").c_str()), limit)
      .all(read_call);
}

int ToolCalls::doubt_count() {
  return Statement(db_, std::string("SELECT count(*) FROM tool_calls ") + kDoubtful).first<int>().value_or(0);
}

}  // namespace store

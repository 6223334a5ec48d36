#include "store/made_calls.h"

#include <algorithm>

#include "store/statement.h"

namespace store {
namespace {

constexpr int kTurns = 4;
constexpr int kMostCalls = 12;

}  // namespace

std::vector<ToolCallRecord> MadeCalls::recent(const Conversation& conversation, PersonId person,
                                              MessageId until, base::Timestamp since) {
  std::vector<std::int64_t> ids =
      Statement(
          db_,
          "SELECT t.id FROM tool_calls t JOIN messages m ON m.id = t.message_id WHERE t.id IN (SELECT id FROM "
          "tool_calls WHERE person_id = ?1 ORDER BY id DESC LIMIT 50) AND t.conversation_id = ?2 AND "
          "t.message_id >= ?3 AND t.message_id <= ?4 AND t.made_at >= ?5 AND m.emptied_at IS NULL AND "
          "t.state <> 'open' AND t.state <> 'replaced' AND (SELECT count(*) FROM messages w WHERE "
          "w.conversation_id = ?2 AND w.id > t.message_id AND w.id <= ?4 AND w.person_id = ?1 AND "
          "w.button IS NULL) <= ?6 ORDER BY t.id DESC LIMIT ?7",
          person, conversation.id, conversation.context_from, until, since, kTurns, kMostCalls)
          .all<std::int64_t>();
  std::ranges::reverse(ids);
  std::vector<ToolCallRecord> calls;
  for (const auto id : ids) {
    calls.push_back(calls_.find(id).value());
  }
  return calls;
}

std::optional<ToolCallRecord> MadeCalls::same_before(const ToolCallRecord& wanted) {
  const auto id =
      Statement(
          db_,
          "SELECT t.id FROM tool_calls t WHERE t.id IN (SELECT id FROM tool_calls WHERE person_id = ?1 ORDER "
          "BY id DESC LIMIT 200) AND t.conversation_id = ?2 AND t.hash = ?3 AND t.message_id <> ?4 AND "
          "t.state IN ('done', 'uncertain') ORDER BY t.id DESC LIMIT 1",
          wanted.person, wanted.conversation, wanted.hash, wanted.message)
          .first<std::int64_t>();
  return id ? calls_.find(*id) : std::nullopt;
}

bool MadeCalls::is_in_doubt(const ToolCallRecord& call) {
  return call.state == ToolCallState::uncertain ||
         Statement(db_,
                   "SELECT 1 FROM decisions WHERE message_id = ? AND became IN ('failed', 'over_budget')",
                   call.message)
             .any();
}

}  // namespace store

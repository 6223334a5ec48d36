#include "store/approval_list.h"

#include <algorithm>

#include "store/like_pattern.h"
#include "store/log_where.h"
#include "store/statement.h"

namespace store {
namespace {

bool is_any(const LogFilter& filter) {
  return (filter.chat + filter.user + filter.project + filter.outcome).empty();
}

std::string text_of(const std::optional<base::Timestamp>& at) {
  return at ? std::to_string(base::to_unix_ms(*at)) : "";
}

constexpr const char* kAskedCalls =
    "SELECT t.id, n.id, c.section || ':' || c.chat_id, p.section || ':' || p.user_id, "
    "coalesce(s.section || ':' || s.user_id, '') FROM tool_calls t JOIN conversations c ON c.id = t.conversation_id "
    "JOIN people p ON p.id = t.person_id LEFT JOIN people s ON s.id = t.settled_by LEFT JOIN decisions n ON n.id = "
    "(SELECT min(id) FROM decisions WHERE message_id = t.message_id) WHERE t.expires_at IS NOT NULL AND "
    "(?1 = '' OR t.made_at >= CAST(?1 AS INTEGER)) AND (?2 = '' OR t.made_at < CAST(?2 AS INTEGER)) AND "
    "(?3 = '' OR t.id < CAST(?3 AS INTEGER))";

/// Leaves in the list what belongs to a decision that fits the filter, whose times are not about decisions
/// here. `column` has the decision's id.
void narrow_by_decision(Database& db, LogFilter filter, const std::string& column, std::string& sql,
                        std::vector<std::string>& texts) {
  if (is_any(filter)) {
    return;
  }
  filter.since = filter.until = std::nullopt;
  const auto where = log_where(db, filter);
  sql += " AND " + column + " IN (SELECT e.decision_id FROM " + where.from + where.sql + ")";
  texts.insert(texts.end(), where.texts.begin(), where.texts.end());
}

/// The states of calls that were answered so, as SQL.
std::string states_answered(ApprovalState answer) {
  std::string list;
  for (const auto& [state, text] : spelling<ToolCallState>().values) {
    if (answer_to(state) == answer) {
      list += std::string(list.empty() ? "'" : ", '") + text + "'";
    }
  }
  return "(" + list + ")";
}

}  // namespace

ApprovalState answer_to(ToolCallState state) {
  switch (state) {
    case ToolCallState::open:
      return ApprovalState::open;
    case ToolCallState::running:
    case ToolCallState::done:
    case ToolCallState::failed:
    case ToolCallState::uncertain:
      return ApprovalState::allowed;
    case ToolCallState::refused:
      return ApprovalState::denied;
    case ToolCallState::replaced:
    case ToolCallState::expired:
      break;
  }
  return ApprovalState::expired;
}

std::vector<ListedCall> list_asked_calls(Database& db, const ApprovalFilter& filter) {
  std::string sql = kAskedCalls;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(filter.words.size(), kMostLikeWords); ++i) {
    texts.push_back(like_pattern(filter.words[i]));
    sql +=
        " AND t.server || '/' || t.tool || ' ' || t.arguments || ' ' || t.comment || ' ' || t.state || ' ' || "
        "t.result LIKE ? ESCAPE '\\'";
  }
  if (filter.state) {
    sql += " AND t.state IN " + states_answered(*filter.state);
  }
  narrow_by_decision(db, filter.decisions, "n.id", sql, texts);
  auto list = Statement(db, sql + " ORDER BY t.id DESC LIMIT ?", text_of(filter.since), text_of(filter.until),
                        filter.below ? std::to_string(*filter.below) : "", texts,
                        filter.limit > 0 ? filter.limit : -1)
                  .all([](Statement& row) {
                    ListedCall listed;
                    row.read(listed.call.id, listed.decision, listed.chat, listed.user, listed.by);
                    return listed;
                  });
  for (auto& listed : list) {
    listed.call = ToolCalls(db).find(listed.call.id).value();
  }
  return list;
}

std::vector<ListedApproval> list_approvals(Database& db, const ApprovalFilter& filter) {
  // In the order of their ids, which is the order in which they were asked.
  std::string sql =
      "SELECT a.id, d.decision_id, c.section || ':' || c.chat_id, p.section || ':' || p.user_id, j.slug, "
      "coalesce(s.section || ':' || s.user_id, '') FROM approvals a JOIN dispatches d ON d.id = a.dispatch_id "
      "JOIN conversations c ON c.id = d.conversation_id JOIN people p ON p.id = d.person_id "
      "JOIN projects j ON j.id = d.project_id LEFT JOIN people s ON s.id = a.settled_by "
      "WHERE (?1 = '' OR a.asked_at >= CAST(?1 AS INTEGER)) AND (?2 = '' OR a.asked_at < CAST(?2 AS INTEGER)) AND "
      "(?3 = '' OR a.state = ?3) AND (?4 = '' OR a.id < CAST(?4 AS INTEGER))";
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(filter.words.size(), kMostLikeWords); ++i) {
    texts.push_back(like_pattern(filter.words[i]));
    sql +=
        " AND a.tool || ' ' || a.detail || ' ' || a.comment || ' ' || a.state || ' ' || a.questions LIKE ? ESCAPE '\\'";
  }
  narrow_by_decision(db, filter.decisions, "d.decision_id", sql, texts);
  auto list = Statement(db, sql + " ORDER BY a.id DESC LIMIT ?", text_of(filter.since), text_of(filter.until),
                        filter.state ? to_string(*filter.state) : "",
                        filter.below ? std::to_string(*filter.below) : "", texts,
                        filter.limit > 0 ? filter.limit : -1)
                  .all([](Statement& row) {
                    ListedApproval listed;
                    row.read(listed.approval.id, listed.decision, listed.chat, listed.user, listed.project,
                             listed.by);
                    return listed;
                  });
  for (auto& listed : list) {
    listed.approval = Approvals(db).get(listed.approval.id);
  }
  return list;
}

}  // namespace store

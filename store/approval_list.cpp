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

}  // namespace

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
  if (!is_any(filter.decisions)) {
    auto decisions = filter.decisions;
    decisions.since = decisions.until = std::nullopt;
    const auto where = log_where(db, decisions);
    sql += " AND d.decision_id IN (SELECT e.decision_id FROM " + where.from + where.sql + ")";
    texts.insert(texts.end(), where.texts.begin(), where.texts.end());
  }
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

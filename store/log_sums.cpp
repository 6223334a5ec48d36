#include "store/log_sums.h"

#include <fmt/core.h>

#include "store/log_where.h"
#include "store/statement.h"

namespace store {
namespace {

struct Grouping {
  const char* by;      ///< of log_entries
  const char* select;  ///< key, name and quarter of an hour of the group `s`
  const char* from;
  const char* order;
};

Grouping grouping_of(SumBy by) {
  switch (by) {
    case SumBy::person:
      return {"e.person_id", "p.section || ':' || p.user_id, p.name, 0", "JOIN people p ON p.id = s.k",
              "s.turns DESC, s.k"};
    case SumBy::chat:
      return {
          "e.conversation_id",
          "c.section || ':' || c.chat_id, CASE c.in_group WHEN 0 THEN coalesce((SELECT name FROM people WHERE "
          "id = s.who), '') ELSE '' END, 0",
          "JOIN conversations c ON c.id = s.k", "s.turns DESC, s.k"};
    case SumBy::project:
      return {"e.project_id", "coalesce(j.slug, ''), '', 0", "LEFT JOIN projects j ON j.id = s.k",
              "s.turns DESC, s.k"};
    case SumBy::quarter:
      break;
  }
  return {"e.at / 900000 * 900000", "'', '', s.k", "", "s.k"};
}

}  // namespace

std::vector<LogSum> log_sums(Database& db, const LogFilter& filter, SumBy by) {
  const auto grouping = grouping_of(by);
  const auto where = log_where(db, filter);
  return Statement(
             db,
             fmt::format(
                 "SELECT {}, s.turns, s.answered, s.asked, s.dispatched, s.failed, s.usd FROM (SELECT {} AS k, "
                 "max(e.person_id) AS who, count(*) AS turns, sum(e.action = 'answer') AS answered, "
                 "sum(e.action = 'ask') AS asked, sum(e.action = 'dispatch') AS dispatched, sum(e.outcome IN "
                 "('failed', 'over_budget', 'error', 'blocked', 'timeout', 'interrupted')) AS failed, "
                 "sum(e.usd) AS usd FROM {}{} GROUP BY k) s {} ORDER BY {}",
                 grouping.select, grouping.by, where.from, where.sql, grouping.from, grouping.order),
             where.texts)
      .all([](Statement& row) {
        LogSum sum;
        row.read(sum.key, sum.name, sum.quarter, sum.turns, sum.answered, sum.asked, sum.dispatched,
                 sum.failed, sum.usd);
        return sum;
      });
}

}  // namespace store

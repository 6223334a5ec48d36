// Where the decisions that a filter wants stand in an order: LogView::places().
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "store/log_view.h"
#include "store/log_where.h"
#include "store/log_words.h"
#include "store/statement.h"

namespace store {
namespace {

using By = LogOrder::By;

/// A section with more has decisions everywhere.
constexpr int kFewChats = 200;
/// More are not collected before the first is shown.
constexpr int kFewMatches = 5000;
/// What was decided just now is found, too.
constexpr int kIndexedFirst = 500;
constexpr const char* kByTime = "log_entries_by_time";

/// A LogWhere as it grows.
struct Where : LogWhere {
  Where() { use_index(kByTime); }
  void use_index(const char* index) { from = std::string("log_entries e INDEXED BY ") + index; }

  void add(const std::string& condition, std::vector<std::string> values = {}) {
    sql += (sql.empty() ? " WHERE " : " AND ") + condition;
    texts.insert(texts.end(), std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
  }
  /// The index is for the first that asks for it.
  void use(const char* narrow) {
    if (from.ends_with(kByTime)) {
      use_index(narrow);
    }
  }
};

// Numbers are bound as texts like all else, and cast.
constexpr const char* kInteger = "CAST(? AS INTEGER)";
constexpr const char* kReal = "CAST(? AS REAL)";

std::string text_of(double number) {
  return fmt::format("{:.17g}", number);
}

std::string listed(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const auto id : ids) {
    text += (text.empty() ? "" : ",") + std::to_string(id);
  }
  return "(" + text + ")";
}

void add_chat(Database& db, Where& where, const std::string& chat) {
  // Of a section with many, the newest decisions are found soon by going through all.
  const auto chats = Statement(db,
                               "SELECT id FROM conversations WHERE section = ?1 OR (section = substr(?1, 1, "
                               "instr(?1, ':') - 1) AND chat_id = substr(?1, instr(?1, ':') + 1)) LIMIT ?2",
                               chat, kFewChats + 1)
                         .all<std::int64_t>();
  if (static_cast<int>(chats.size()) > kFewChats) {
    where.add("e.conversation_id IN (SELECT id FROM conversations WHERE section = ?)", {chat});
    return;
  }
  where.use("log_entries_by_chat");
  if (chats.size() == 1) {
    where.add(std::string("e.conversation_id = ") + kInteger, {std::to_string(chats.front())});
  } else {
    where.add("e.conversation_id IN " + listed(chats));
  }
}

/// What each has at most one row for, and an index of its own.
void add_narrow(Where& where, const LogFilter& filter) {
  if (!filter.user.empty()) {
    where.use("log_entries_by_person");
    where.add("e.person_id = (SELECT id FROM people WHERE section = ? AND user_id = ?)",
              {filter.user.substr(0, filter.user.find(':')), filter.user.substr(filter.user.find(':') + 1)});
  }
  if (!filter.project.empty()) {
    where.use("log_entries_by_project");
    where.add("e.project_id = (SELECT id FROM projects WHERE slug = ?) AND e.project_id IS NOT NULL",
              {filter.project});
  }
  if (!filter.outcome.empty()) {
    where.add("e.outcome = ?", {filter.outcome});
    if (filter.outcome != "answered") {
      where.use("log_entries_by_outcome");
      where.add("e.outcome <> 'answered'");
    }
  }
  if (filter.action) {
    where.add("e.action = ?", {to_string(*filter.action)});
    if (*filter.action != DecisionAction::answer) {
      where.use("log_entries_by_action");
      where.add("e.action <> 'answer'");
    }
  }
}

void add_bounds(Where& where, const LogFilter& filter) {
  const auto bound = [&](const char* condition, const std::optional<double>& number) {
    if (number) {
      where.add(std::string(condition) + kReal, {text_of(*number)});
    }
  };
  const auto time = [&](const char* condition, const std::optional<base::Timestamp>& at) {
    if (at) {
      where.add(std::string(condition) + kInteger, {std::to_string(base::to_unix_ms(*at))});
    }
  };
  time("e.at >= ", filter.since);
  time("e.at < ", filter.until);
  bound("e.usd >= ", filter.usd_min);
  bound("e.usd <= ", filter.usd_max);
  bound("e.p >= ", filter.p_min);
  bound("e.p <= ", filter.p_max);
}

/// Verdicts that nobody took back.
constexpr const char* kStanding =
    "verdicts v WHERE v.verdict <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM verdicts w WHERE w.decision_id = "
    "v.decision_id AND w.id > v.id AND w.verdict = 'withdrawn' AND w.person_id IS v.person_id)";

void add_others(Where& where, const LogFilter& filter) {
  if (!filter.cause.empty()) {
    where.add(filter.cause == "policy"
                  ? "(SELECT cause FROM decisions WHERE id = e.decision_id) = ?"
                  : "e.decision_id IN (SELECT id FROM decisions WHERE cause = ? AND cause <> 'policy')",
              {filter.cause});
  }
  if (filter.verdict == "none") {
    where.add(std::string("NOT EXISTS (SELECT 1 FROM ") + kStanding + " AND v.decision_id = e.decision_id)");
  } else if (filter.verdict == "any") {
    where.add(std::string("e.decision_id IN (SELECT v.decision_id FROM ") + kStanding + ")");
  } else if (!filter.verdict.empty()) {
    where.add(std::string("e.decision_id IN (SELECT v.decision_id FROM ") + kStanding + " AND v.verdict = ?)",
              {filter.verdict});
  }
}

/// The ids of what was decided in that time, so that words of other times are not looked at.
void add_ids(Database& db, LogWhere& where, const LogFilter& filter) {
  if (!filter.since && !filter.until) {
    return;
  }
  constexpr auto kLatest = base::Timestamp(base::Timestamp::duration::max());
  const auto ends = Statement(db,
                              std::string("SELECT coalesce(min(decision_id), 0), coalesce(max(decision_id), "
                                          "-1) FROM log_entries INDEXED BY ") +
                                  kByTime + " WHERE at >= ? AND at < ?",
                              filter.since.value_or(base::Timestamp()), filter.until.value_or(kLatest))
                        .first([](Statement& row) {
                          std::pair<std::int64_t, std::int64_t> ids;
                          row.read(ids.first, ids.second);
                          return ids;
                        })
                        .value();
  where.sql += fmt::format(" AND w.rowid >= {} AND w.rowid <= {}", ends.first, ends.second);
}

/// Few rows are looked up one by one; of many, the newest are found soon, in the order of their ids, which is
/// that of their times. Many are never asked for one by one: each time, the index would put together again
/// all that begins with the word.
void add_words(Database& db, LogWhere& where, const LogFilter& filter) {
  const auto& words = filter.words;
  if (words.empty()) {
    return;
  }
  LogWords(db).add(kIndexedFirst);
  const auto match = words_to_match(words);
  const auto wanted = match.empty() ? std::string("\"\"") : "- chat : (" + match + ")";
  const bool many =
      Statement(db, "SELECT count(*) FROM (SELECT 1 FROM log_words WHERE log_words MATCH ? LIMIT ?)", wanted,
                kFewMatches + 1)
          .first<int>()
          .value_or(0) > kFewMatches;
  const auto* const glue = where.sql.empty() ? " WHERE " : " AND ";
  if (!many) {
    where.sql += std::string(glue) + "e.decision_id IN (SELECT rowid FROM log_words WHERE log_words MATCH ?)";
    where.from = "log_entries e NOT INDEXED";
  } else {
    where.sql += std::string(glue) + "log_words MATCH ?";
    where.from = "log_words w CROSS JOIN log_entries e ON e.decision_id = w.rowid";
    where.by_id = true;
    add_ids(db, where, filter);
  }
  where.texts.push_back(wanted);
}

void add_place(LogWhere& where, const LogOrder& order, const LogPlace& after, const std::string& column) {
  const auto* const value = order.by == By::at ? kInteger : kReal;
  where.sql += fmt::format("{}({}, e.decision_id) {} ({}, {})", where.sql.empty() ? " WHERE " : " AND ",
                           column, order.descending ? "<" : ">", value, kInteger);
  where.texts.push_back(order.by == By::at ? std::to_string(static_cast<std::int64_t>(after.value))
                                           : text_of(after.value));
  where.texts.push_back(std::to_string(after.decision.value));
}

}  // namespace

LogWhere log_where(Database& db, const LogFilter& filter) {
  Where where;
  if (!filter.chat.empty()) {
    add_chat(db, where, filter.chat);
  }
  add_narrow(where, filter);
  add_bounds(where, filter);
  add_others(where, filter);
  add_words(db, where, filter);
  return where;
}

LogQuery places_query(Database& db, const LogFilter& filter) {
  const auto& order = filter.order;
  const std::string column = order.by == By::p ? "e.p" : order.by == By::usd ? "e.usd" : "e.at";
  auto where = log_where(db, filter);
  const bool by_id = where.by_id && order.by == By::at;
  if (filter.after && by_id) {
    where.sql +=
        fmt::format(" AND w.rowid {} {}", order.descending ? "<" : ">", filter.after->decision.value);
  } else if (filter.after) {
    add_place(where, order, *filter.after, column);
  }
  const auto* const direction = order.descending ? "DESC" : "ASC";
  const auto sorted = by_id ? fmt::format("w.rowid {}", direction)
                            : fmt::format("{} {}, e.decision_id {}", column, direction, direction);
  where.texts.push_back(std::to_string(filter.limit > 0 ? filter.limit : -1));
  return {fmt::format("SELECT {}, e.decision_id FROM {}{} ORDER BY {} LIMIT {}", column, where.from,
                      where.sql, sorted, kInteger),
          where.texts};
}

std::vector<LogPlace> LogView::places(const LogFilter& filter) {
  const auto query = places_query(db_, filter);
  return Statement(db_, query.sql, query.texts).all([](Statement& row) {
    LogPlace place;
    row.read(place.value, place.decision);
    return place;
  });
}

}  // namespace store

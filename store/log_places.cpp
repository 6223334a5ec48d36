// Where the decisions that a filter wants stand in an order: LogView::places().
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "store/like_pattern.h"
#include "store/log_view.h"
#include "store/statement.h"

namespace store {
namespace {

using By = LogOrder::By;

/// A section with more has decisions everywhere.
constexpr int kFewChats = 200;

/// The conditions of a statement, and the texts that are bound to their question marks.
struct Where {
  std::string index = "log_entries_by_time";
  std::string sql;
  std::vector<std::string> texts;

  void add(const std::string& condition, std::vector<std::string> values = {}) {
    sql += (sql.empty() ? " WHERE " : " AND ") + condition;
    texts.insert(texts.end(), std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
  }
  /// The index is for the first that asks for it.
  void use(const char* narrow) {
    if (index == "log_entries_by_time") {
      index = narrow;
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

void add_others(Where& where, const LogFilter& filter) {
  if (!filter.cause.empty()) {
    where.add("(SELECT cause FROM decisions WHERE id = e.decision_id) = ?", {filter.cause});
  }
  if (filter.verdict == "none") {
    where.add("NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.decision_id = e.decision_id)");
  } else if (filter.verdict == "any") {
    where.add("e.decision_id IN (SELECT decision_id FROM verdicts)");
  } else if (!filter.verdict.empty()) {
    where.add("e.decision_id IN (SELECT decision_id FROM verdicts WHERE verdict = ?)", {filter.verdict});
  }
  for (std::size_t i = 0; i < std::min(filter.words.size(), kMostLikeWords); ++i) {
    where.add(
        "(SELECT m.text || ' ' || coalesce(j.slug, '') || ' ' || coalesce(d.prompt, '') || ' ' || "
        "coalesce(d.result, '') FROM decisions n JOIN messages m ON m.id = n.message_id LEFT JOIN dispatches d "
        "ON d.decision_id = n.id LEFT JOIN projects j ON j.id = d.project_id WHERE n.id = e.decision_id) "
        "LIKE ? ESCAPE '\\'",
        {like_pattern(filter.words[i])});
  }
}

void add_place(Where& where, const LogOrder& order, const LogPlace& after, const std::string& column) {
  where.add(
      fmt::format("({}, e.decision_id) {} ({}, {})", column, order.descending ? "<" : ">",
                  order.by == By::at ? kInteger : kReal, kInteger),
      {order.by == By::at ? std::to_string(static_cast<std::int64_t>(after.value)) : text_of(after.value),
       std::to_string(after.decision.value)});
}

}  // namespace

std::vector<LogPlace> LogView::places(const LogFilter& filter) {
  const auto& order = filter.order;
  const std::string column = order.by == By::p ? "e.p" : order.by == By::usd ? "e.usd" : "e.at";
  Where where;
  if (!filter.chat.empty()) {
    add_chat(db_, where, filter.chat);
  }
  add_narrow(where, filter);
  add_bounds(where, filter);
  add_others(where, filter);
  if (filter.after) {
    add_place(where, order, *filter.after, column);
  }
  const auto* const direction = order.descending ? "DESC" : "ASC";
  return Statement(
             db_,
             fmt::format("SELECT {0}, e.decision_id FROM log_entries e INDEXED BY {1}{2} ORDER BY {0} {3}, "
                         "e.decision_id {3} LIMIT ?",
                         column, where.index, where.sql, direction),
             where.texts, filter.limit > 0 ? filter.limit : -1)
      .all([](Statement& row) {
        LogPlace place;
        row.read(place.value, place.decision);
        return place;
      });
}

}  // namespace store

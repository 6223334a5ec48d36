#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// By what a list is sorted; where that is equal, by the decision's id in the same direction.
struct LogOrder {
  enum class By { at, p, usd } by = By::at;
  bool descending = true;
};

/// Where a row stands in an order: the value it is sorted by (of a time: milliseconds since 1970), and its
/// id.
struct LogPlace {
  double value = 0;
  DecisionId decision;
};

/// Which decisions are wanted; an empty text or nothing is any.
struct LogFilter {
  std::string chat = {};     ///< "section:chat id", or a section alone
  std::string project = {};  ///< slug
  std::string outcome = {};  ///< one of log_outcomes()
  std::optional<base::Timestamp> since = {};
  int limit = 0;                              ///< the newest so many; 0: all
  std::string user = {};                      ///< "section:user id"
  std::optional<base::Timestamp> until = {};  ///< only what is earlier
  std::vector<std::string> words = {};  ///< all of them in the message, the task, its result or its project
  std::optional<DecisionAction> action = {};
  std::string cause = {};    ///< "policy" or "rule:<name>"
  std::string verdict = {};  ///< one of verdicts.verdict, "any" or "none"; what was taken back is none
  std::optional<double> usd_min = {}, usd_max = {}, p_min = {}, p_max = {};  ///< both ends count
  LogOrder order = {};
  std::optional<LogPlace> after = {};  ///< only what comes behind that place in the order
};

/// One decision with the message that led to it and the dispatch that followed, if one did.
struct LogRow {
  DecisionId decision;
  base::Timestamp at;
  std::string chat;       ///< "section:chat id"
  std::string person;     ///< name, else user id
  std::string user;       ///< "section:user id"
  std::string chat_name;  ///< whose chat it is, where it is no group; may be empty
  std::string message;    ///< of an answer to a question: the message that was asked about
  DecisionAction action = DecisionAction::answer;
  double p = 0, ask_at = 0, dispatch_at = 0;
  /// Which setting the thresholds are of ("global", "chat tg:1"), or what moved them ("console", "thread").
  std::string layer;
  std::string cause, reason;
  std::string proposal;                   ///< JSON or empty
  std::optional<QuestionState> question;  ///< of an ask
  std::optional<DispatchId> dispatch;
  std::string project;
  std::string
      outcome;     ///< one of log_outcomes(); of a question that was answered with yes, that of its dispatch
  double usd = 0;  ///< everything that was paid for this decision and for its dispatch
  std::string ask_from,
      dispatch_from;  ///< where each threshold comes from, as in JudgementRecord; may be empty
  std::optional<DecisionId> follows;  ///< the question that it is the answer to
  std::string facts;                  ///< JSON of its dispatch; empty where it has none
  std::optional<Verdict> verdict;     ///< the last that an operator gave
  std::string tools;                  ///< JSON: the calls of the secretary's tools, in their order
};

/// A call to a chat platform, as an admin wants to see it.
struct DeliveryRow {
  std::string key;
  CallKind kind = CallKind::message;
  DeliveryState state = DeliveryState::unattempted;
  std::string error;
  base::Timestamp created;
  std::optional<base::Timestamp> settled;
};

struct CostRow {
  Purpose purpose = Purpose::secretary;
  std::string model;
  std::int64_t calls = 0, input_tokens = 0, cache_read_tokens = 0, cache_write_tokens = 0, output_tokens = 0;
  double usd = 0;
};

/// What was paid in a quarter of an hour.
struct TimedCosts {
  base::Timestamp at;  ///< when it began
  CostRow cost;
};

/// The log of decisions and dispatches, to read. Thread rule: that of the Database.
class LogView {
 public:
  explicit LogView(Database& db) : db_(db) {}

  /// In the filter's order.
  std::vector<LogRow> rows(const LogFilter& filter);
  /// Where they stand, without the rows themselves: an index has all that is needed for that.
  std::vector<LogPlace> places(const LogFilter& filter);
  std::optional<LogRow> row(DecisionId id);
  std::optional<DecisionId> decision_of(DispatchId id);
  /// The last decision about what the outside calls by that id: a message of a person, a call of ours (a
  /// webhook-id), or a message of ours as the service names it. An empty section is any.
  std::optional<DecisionId> decision_about(const std::string& section, const std::string& external_id);
  /// The calls that posted and edited the messages of a dispatch, or that answered the decision's message.
  std::vector<DeliveryRow> deliveries(const LogRow& row);
  /// The text of the last message about it, as people see it.
  std::string posted(const LogRow& row);
  /// What was paid for a row, by purpose and model.
  std::vector<CostRow> costs(const LogRow& row);
  /// What was paid since then, by purpose and model.
  std::vector<CostRow> costs_since(std::optional<base::Timestamp> since);
  /// The same by time, oldest first.
  std::vector<TimedCosts> costs_by_time(std::optional<base::Timestamp> since);
  /// For whom something was paid since then: when a quarter of an hour began, and a person, each once.
  std::vector<std::pair<base::Timestamp, PersonId>> people_by_time(std::optional<base::Timestamp> since);

 private:
  Database& db_;
};

}  // namespace store

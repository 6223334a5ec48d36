#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// What goes on and who is known, as an operator wants to see it. Reads only. Thread rule: that of the
/// Database.
class OperationsView {
 public:
  explicit OperationsView(Database& db) : db_(db) {}

  /// What was decided since then, each decision counted once, and how long first answers took from the
  /// message stored to the answer delivered, of the newest few thousand.
  struct Day {
    std::int64_t turns = 0, answered = 0, asked = 0, dispatched = 0, failed = 0;
    double usd = 0;
    std::vector<double> answer_seconds = {};  ///< in ascending order
  };
  Day since(base::Timestamp time);

  /// A dispatch that runs or waits, but for what was ordered from a shell.
  struct OpenDispatch {
    DispatchId id;
    std::string project;
    std::string chat;    ///< "section:chat id"
    std::string person;  ///< "section:user id"
    std::string name;
    base::Timestamp created;
    std::optional<base::Timestamp> started = {};
    DispatchState state = DispatchState::queued;
    double usd = 0;                              ///< booked so far
    std::optional<ApprovalKind> waits_for = {};  ///< what it asked and nobody has answered
    std::int64_t ahead = 0;                      ///< others of its project that are open and came earlier
  };
  std::vector<OpenDispatch> open_dispatches();

  /// A question of the secretary that nobody has answered.
  struct Question {
    DecisionId decision;
    base::Timestamp at;
    std::string chat, person, name;
    std::string message;                  ///< what the person had said
    std::optional<MessageId> asked = {};  ///< the message with its buttons
  };
  std::vector<Question> open_questions(int limit);

  /// A person of a chat section.
  struct Known {
    PersonId id;
    std::string section, user_id, name;
    base::Timestamp first_seen;
    std::optional<base::Timestamp> last_seen = {};
    std::int64_t messages = 0;
    double usd = 0;  ///< since `since`
    std::optional<PersonRole> role = {};
    std::optional<base::Timestamp> blocked = {}, erased = {};
  };
  struct PeopleFilter {
    std::string words = {};    ///< in the name, or in "section:user id"
    std::string section = {};  ///< with `user_id`: only that one
    std::string user_id = {};
    std::int64_t before = INT64_MAX;  ///< ids
    int limit = 50;
    base::Timestamp since = {};  ///< of what they cost
  };
  /// Those who were seen first last come first.
  std::vector<Known> people(const PeopleFilter& filter);

 private:
  std::vector<double> answer_seconds(base::Timestamp since);

  Database& db_;
};

}  // namespace store

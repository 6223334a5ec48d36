#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// What was spent today and in the month around it, in US dollars.
struct Spent {
  double today = 0;
  double month = 0;
};

/// What was spent for whom, and how many turns there were. Thread rule: that of the Database.
class Spending {
 public:
  /// `today` and `month` are when each began; the month began first.
  Spending(Database& db, base::Timestamp today, base::Timestamp month)
      : db_(db), today_(today), month_(month) {}

  Spent all();

  // Those that cost most this month, at most `most` of them.
  struct OfPerson {
    PersonId id;
    std::string person;  ///< "section:user id"
    std::string name;
    Spent spent;
  };
  std::vector<OfPerson> by_person(int most);
  struct OfPlace {
    std::string name;  ///< of a chat with all its threads "section:room", of a project its slug
    Spent spent;
  };
  std::vector<OfPlace> by_chat(int most);
  std::vector<OfPlace> by_project(int most);
  /// Of one chat, "section:room".
  Spent of_chat(const std::string& chat);

 private:
  std::vector<OfPlace> by_place(const std::string& from, int most);

  Database& db_;
  const base::Timestamp today_;
  const base::Timestamp month_;
};

/// How many turns were decided in a quarter of an hour that began at `at`.
struct TimedTurns {
  base::Timestamp at;
  int turns = 0;
  int dispatched = 0;
};
/// Oldest first. Thread rule: that of the Database.
std::vector<TimedTurns> turns_by_time(Database& db, base::Timestamp since);

/// The model that was paid for a decision, of the secretary's calls since then.
struct ModelOfDecision {
  DecisionId decision;
  std::string model;
};
std::vector<ModelOfDecision> models_of_decisions(Database& db, base::Timestamp since);

}  // namespace store

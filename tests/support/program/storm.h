#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/chat_services/unreliable_way.h"
#include "tests/support/program/desk.h"

namespace support {

/// What random kills came to. All but messages, kills and uncertain must be 0.
struct StormCount {
  int messages = 0;  ///< acknowledged
  int kills = 0;
  int lost = 0;         ///< acknowledged, and not answered
  int given_up = 0;     ///< answered with an apology, dead, or a task that was not finished
  int duplicates = 0;   ///< answered twice, or one call made with two bodies
  int uncertain = 0;    ///< of which nobody can tell whether they arrived
  int double_runs = 0;  ///< tasks ordered or finished twice, or two specialists in one project
  int orphans = 0;      ///< specialists that outlived the program, and jobs that never ended

  bool holds() const { return lost + given_up + duplicates + double_runs + orphans == 0; }
  StormCount& operator+=(const StormCount& other);
  std::string text() const;
};

/// Messages of all kinds (answers, questions that are answered with Yes, tasks, tasks that need leave) while
/// the program is killed at random moments and the way to and from the receiver is bad. Thread rule: one
/// thread.
class Storm {
 public:
  explicit Storm(unsigned seed);

  /// Kills it so often, then lets everything come to its end and counts.
  StormCount run(int kills);

 private:
  void live_and_die();
  /// Whether it was acknowledged.
  bool send(const Desk::Message& message);
  bool send_next();
  /// Presses what waits for a person. False where the program is gone.
  bool press_buttons();
  bool is_over() const;
  StormCount count() const;
  void count_answers(StormCount& counted) const;

  std::mt19937 random_;
  Desk desk_;
  UnreliableWay way_;
  std::vector<Desk::Message> acknowledged_;
  std::map<std::string, Desk::Message> unacknowledged_;  ///< by chat: sent, perhaps stored
  std::set<std::string> pressed_;
  int sent_ = 0;
  int kills_ = 0;
};

}  // namespace support

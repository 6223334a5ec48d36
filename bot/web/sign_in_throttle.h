#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace bot::web {

/// Counts wrong passwords for each network that they come from: ten in a minute. Thread rule: one thread at a
/// time.
class SignInThrottle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether whoever is at that address has guessed too often in the last minute.
  bool is_closed_to(const std::string& client, Time now);

  /// A wrong guess. Where there are too many networks to remember, the one whose last guess is the oldest is
  /// forgotten: nobody is locked out by the guesses of others.
  void count(const std::string& client, Time now);

  /// Whether a line in the log may tell of the guess: of ten in a minute.
  bool may_tell(Time now);
  /// How many were not told since one was, and begins anew.
  int take_untold() { return std::exchange(untold_, 0); }

 private:
  void forget_old(Time now);
  void forget_oldest();

  std::map<std::string, std::vector<Time>> guesses_;      ///< by network, the oldest first
  std::set<std::pair<Time, std::string>> by_last_guess_;  ///< of guesses_
  std::vector<Time> told_;
  int untold_ = 0;
};

}  // namespace bot::web

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace bot::web {

/// Counts wrong passwords: ten in a minute for each network that they come from, and for a user on whom
/// thirty were tried in a minute, one. Neither the second bound nor any number of guesses from elsewhere
/// closes anything to a network that has not guessed itself, or from which that user has signed in before:
/// whoever guesses from many places locks no owner out. Thread rule: one thread at a time.
class SignInThrottle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether whoever is at that address has guessed too often in the last minute, which is once where others
  /// guess at that user, too.
  bool is_closed_to(const std::string& client, const std::string& user, Time now);

  /// A wrong guess. Where there are too many networks or users to remember, the one whose last guess is the
  /// oldest is forgotten: nobody is locked out by the guesses of others.
  void count(const std::string& client, const std::string& user, Time now);

  /// That user signs in from there.
  void note_owner(const std::string& client, const std::string& user);

  /// Whether a line in the log may tell of the guess: of ten in a minute.
  bool may_tell(Time now);
  /// How many were not told since one was, and begins anew.
  int take_untold() { return std::exchange(untold_, 0); }

 private:
  /// Guesses of the last minute, by some name; of each no more are remembered than close it.
  class Guesses {
   public:
    explicit Guesses(std::size_t most) : most_(most) {}
    bool are_too_many(const std::string& name, Time now) { return are_at_least(most_, name, now); }
    bool has_any(const std::string& name, Time now) { return are_at_least(1, name, now); }
    void add(const std::string& name, Time now);

   private:
    bool are_at_least(std::size_t count, const std::string& name, Time now);
    void forget_old(Time now);
    void forget_oldest();

    const std::size_t most_;
    std::map<std::string, std::vector<Time>> times_;        ///< the oldest first
    std::set<std::pair<Time, std::string>> by_last_guess_;  ///< of times_
  };

  Guesses by_network_{10};
  Guesses by_user_{30};
  std::set<std::pair<std::string, std::string>> owners_;  ///< user and network
  std::vector<Time> told_;
  int untold_ = 0;
};

}  // namespace bot::web

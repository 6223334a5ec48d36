#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "dispatch/task/interaction.h"

namespace bot::runs {

/// What a specialist asks and the chat does not show yet. What it takes back within a moment is never shown,
/// and a chat sees only so many requests of a run in a minute. Thread rule: one thread.
class RequestQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Returns false, and keeps nothing, where too many wait.
  bool add(std::shared_ptr<const dispatch::Request> request, Time now);
  void withdraw(const std::string& id);
  bool empty() const { return waiting_.empty(); }

  /// The one to show now, or null.
  std::shared_ptr<const dispatch::Request> next(Time now);
  /// That one was shown.
  void note_shown(Time now);

 private:
  struct Waiting {
    std::shared_ptr<const dispatch::Request> request;
    Time since;
  };
  std::deque<Waiting> waiting_;
  std::deque<Time> shown_;  ///< in the last minute
};

}  // namespace bot::runs

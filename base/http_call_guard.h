#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/fd.h"

namespace base {

/// Ends a call at its deadline or at a stop request, by shutting its socket down: httplib's stop() would
/// block for as long as a connection is being made, and its timeouts restart with every byte. One thread
/// ("http calls") watches all of them. Thread rule: one thread, that of the call.
class CallGuard {
 public:
  using Clock = std::chrono::steady_clock;

  CallGuard(Clock::time_point until, std::stop_token stop);
  ~CallGuard();
  CallGuard(const CallGuard&) = delete;
  CallGuard& operator=(const CallGuard&) = delete;

  /// The socket that the call uses from now on; a duplicate, which stays valid when httplib closes its own.
  void take(std::shared_ptr<const Fd> socket);

  /// From now on the deadline is that one.
  void set_deadline(Clock::time_point until);

  /// Whether it ended the call.
  bool ended() const;

 private:
  class Watch;
  using Times = std::multimap<Clock::time_point, CallGuard*>;

  static Watch& watch();
  void end();

  mutable std::mutex mutex_;
  std::shared_ptr<const Fd> socket_;
  bool ended_ = false;
  Times::iterator place_;  ///< among what is watched
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace base

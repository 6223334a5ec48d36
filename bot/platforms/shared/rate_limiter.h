#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace bot::shared {

/// How often a service may be called: `burst` calls at once, then one each `pause`.
struct RateLimit {
  std::chrono::milliseconds pause{0};
  int burst = 1;
};

/// Keeps calls below a service's limits, per chat and over all (generic cell rate algorithm, ITU-T I.371).
/// Follows a clock that is set back. Thread rule: any thread.
class RateLimiter {
 public:
  RateLimiter(RateLimit per_chat, RateLimit overall) : per_chat_(per_chat), overall_(overall) {}

  /// When a call to that chat may be made; a time that is over means now. `pace` instead of the usual one.
  base::Timestamp ready_at(const std::string& chat, base::Timestamp now);
  base::Timestamp ready_at(const std::string& chat, base::Timestamp now, RateLimit pace);

  /// Counts a call that is made now; throws RateLimited where it is too early.
  void take(const std::string& chat, base::Timestamp now);
  void take(const std::string& chat, base::Timestamp now, RateLimit pace);

  /// Counts a call that is made now in any case, since it completes another.
  void spend(const std::string& chat, base::Timestamp now, RateLimit pace);

  /// The service asked for a pause: of that chat, or of everything.
  void hold(const std::string& chat, base::Timestamp until);
  void hold_all(base::Timestamp until);

 private:
  /// The instant at which the bucket is empty again.
  static base::Timestamp earliest(base::Timestamp filled, RateLimit pace);
  base::Timestamp earliest(const std::string& chat, RateLimit pace) const;
  void prune(base::Timestamp now);
  void follow(base::Timestamp now);
  void fill(const std::string& chat, base::Timestamp now, RateLimit pace);

  const RateLimit per_chat_;
  const RateLimit overall_;
  std::mutex mutex_;
  std::map<std::string, base::Timestamp> chats_;
  std::map<std::string, base::Timestamp> held_;
  base::Timestamp all_{};
  base::Timestamp all_held_{};
  base::Timestamp seen_{};  ///< the latest `now`
};

}  // namespace bot::shared

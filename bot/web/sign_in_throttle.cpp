#include "bot/web/sign_in_throttle.h"

#include "base/network.h"

namespace bot::web {
namespace {

constexpr std::size_t kMaxNames = 10'000;
constexpr std::size_t kMaxOwners = 10'000;
constexpr std::size_t kMaxTold = 10;
constexpr std::chrono::minutes kWindow{1};

void drop_old(std::vector<SignInThrottle::Time>& times, SignInThrottle::Time now) {
  std::erase_if(times, [&](auto at) { return now - at > kWindow; });
}

}  // namespace

bool SignInThrottle::is_closed_to(const std::string& client, const std::string& user, Time now) {
  const auto network = base::network_of(client);
  return by_network_.are_too_many(network, now) ||
         (by_network_.has_any(network, now) && by_user_.are_too_many(user, now) &&
          !owners_.contains({user, network}));
}

void SignInThrottle::count(const std::string& client, const std::string& user, Time now) {
  by_network_.add(base::network_of(client), now);
  by_user_.add(user, now);
}

void SignInThrottle::note_owner(const std::string& client, const std::string& user) {
  if (owners_.size() >= kMaxOwners) {
    owners_.erase(owners_.begin());
  }
  owners_.emplace(user, base::network_of(client));
}

bool SignInThrottle::may_tell(Time now) {
  drop_old(told_, now);
  if (told_.size() >= kMaxTold) {
    ++untold_;
    return false;
  }
  told_.push_back(now);
  return true;
}

bool SignInThrottle::Guesses::are_at_least(std::size_t count, const std::string& name, Time now) {
  forget_old(now);
  const auto it = times_.find(name);
  if (it == times_.end()) {
    return false;
  }
  drop_old(it->second, now);
  return it->second.size() >= count;
}

void SignInThrottle::Guesses::add(const std::string& name, Time now) {
  forget_old(now);
  auto& times = times_[name];
  if (!times.empty()) {
    by_last_guess_.erase({times.back(), name});
  }
  drop_old(times, now);
  if (times.size() == most_) {
    times.erase(times.begin());
  }
  times.push_back(now);
  by_last_guess_.emplace(now, name);
  if (times_.size() > kMaxNames) {
    forget_oldest();
  }
}

void SignInThrottle::Guesses::forget_old(Time now) {
  while (!by_last_guess_.empty() && now - by_last_guess_.begin()->first > kWindow) {
    forget_oldest();
  }
}

void SignInThrottle::Guesses::forget_oldest() {
  times_.erase(by_last_guess_.begin()->second);
  by_last_guess_.erase(by_last_guess_.begin());
}

}  // namespace bot::web

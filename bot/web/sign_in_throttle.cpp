#include "bot/web/sign_in_throttle.h"

#include "base/network.h"

namespace bot::web {
namespace {

constexpr std::size_t kMaxGuesses = 10;
constexpr std::size_t kMaxNetworks = 10'000;
constexpr std::size_t kMaxTold = 10;
constexpr std::chrono::minutes kWindow{1};

void drop_old(std::vector<SignInThrottle::Time>& times, SignInThrottle::Time now) {
  std::erase_if(times, [&](auto at) { return now - at > kWindow; });
}

}  // namespace

bool SignInThrottle::is_closed_to(const std::string& client, Time now) {
  forget_old(now);
  const auto it = guesses_.find(base::network_of(client));
  if (it == guesses_.end()) {
    return false;
  }
  drop_old(it->second, now);
  return it->second.size() >= kMaxGuesses;
}

void SignInThrottle::count(const std::string& client, Time now) {
  forget_old(now);
  const auto network = base::network_of(client);
  auto& times = guesses_[network];
  if (!times.empty()) {
    by_last_guess_.erase({times.back(), network});
  }
  drop_old(times, now);
  times.push_back(now);
  by_last_guess_.emplace(now, network);
  if (guesses_.size() > kMaxNetworks) {
    forget_oldest();
  }
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

void SignInThrottle::forget_old(Time now) {
  while (!by_last_guess_.empty() && now - by_last_guess_.begin()->first > kWindow) {
    forget_oldest();
  }
}

void SignInThrottle::forget_oldest() {
  guesses_.erase(by_last_guess_.begin()->second);
  by_last_guess_.erase(by_last_guess_.begin());
}

}  // namespace bot::web

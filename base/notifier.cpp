#include "base/notifier.h"

#include <algorithm>

namespace base {

void Notifier::notify(const std::string& kind, int pieces) {
  const std::lock_guard lock(mutex_);
  auto& bell = bells_[kind];
  ++bell.notifications;
  for (int i = std::min(pieces, bell.waiting); i > 0; --i) {
    bell.rung.notify_one();
  }
}

void Notifier::notify_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [kind, bell] : bells_) {
    ++bell.notifications;
    bell.rung.notify_all();
  }
}

std::uint64_t Notifier::wait(const std::string& kind, std::uint64_t seen, std::chrono::milliseconds timeout,
                             std::stop_token stop) {
  std::unique_lock lock(mutex_);
  auto& bell = bells_[kind];
  ++bell.waiting;
  bell.rung.wait_for(lock, std::move(stop), timeout, [&] { return bell.notifications != seen; });
  --bell.waiting;
  return bell.notifications;
}

std::uint64_t Notifier::count(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  return bells_[kind].notifications;
}

}  // namespace base

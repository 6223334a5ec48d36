#include "base/notifier.h"

namespace base {

void Notifier::notify() {
  {
    const std::lock_guard lock(mutex_);
    ++notifications_;
  }
  changed_.notify_all();
}

std::uint64_t Notifier::wait(std::uint64_t seen, std::chrono::milliseconds timeout, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::move(stop), timeout, [&] { return notifications_ != seen; });
  return notifications_;
}

std::uint64_t Notifier::count() {
  const std::lock_guard lock(mutex_);
  return notifications_;
}

}  // namespace base

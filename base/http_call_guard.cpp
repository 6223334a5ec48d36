#include "base/http_call_guard.h"

#include <condition_variable>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sys/socket.h>

namespace base {
namespace {

/// There may be a next address to connect to.
constexpr std::chrono::milliseconds kAgain{20};

}  // namespace

/// The thread that looks at the clock for all calls.
class CallGuard::Watch {
 public:
  Watch() : thread_([this](const std::stop_token& stop) { run(stop); }) {
    pthread_setname_np(thread_.native_handle(), "http calls");
  }

  void add(Clock::time_point until, CallGuard& guard) {
    const std::lock_guard lock(mutex_);
    insert(until, guard);
  }
  /// When it returns, the guard is not touched any more.
  void remove(const CallGuard& guard) {
    const std::lock_guard lock(mutex_);
    times_.erase(guard.place_);
  }
  void move(CallGuard& guard, Clock::time_point until) {
    const std::lock_guard lock(mutex_);
    times_.erase(guard.place_);
    insert(until, guard);
  }

 private:
  void insert(Clock::time_point until, CallGuard& guard) {
    guard.place_ = times_.emplace(until, &guard);
    // Woken seldom: most calls end long before their time, and it finds out when it wakes for one of them.
    if (until < wakes_at_) {
      wakes_at_ = until;
      changed_.notify_one();
    }
  }

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      if (times_.empty()) {
        wakes_at_ = Clock::time_point::max();
        // Also for one that came and went before this thread ran: `wakes_at_` is its time, and is to be none
        // again.
        changed_.wait(lock, stop, [this] { return wakes_at_ != Clock::time_point::max(); });
        continue;
      }
      const auto first = times_.begin()->first;
      if (first > Clock::now()) {
        wakes_at_ = first;
        changed_.wait_until(lock, stop, first, [&] { return wakes_at_ < first; });
        continue;
      }
      auto* const guard = times_.begin()->second;
      times_.erase(times_.begin());
      guard->end();
      guard->place_ = times_.emplace(Clock::now() + kAgain, guard);
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  Times times_;
  Clock::time_point wakes_at_ = Clock::time_point::max();
  std::jthread thread_;
};

CallGuard::Watch& CallGuard::watch() {
  static Watch watch;
  return watch;
}

CallGuard::CallGuard(Clock::time_point until, std::stop_token stop) {
  watch().add(until, *this);
  if (stop.stop_possible()) {
    on_stop_.emplace(std::move(stop), [this] { watch().move(*this, Clock::now()); });
  }
}

CallGuard::~CallGuard() {
  on_stop_.reset();
  watch().remove(*this);
}

void CallGuard::take(std::shared_ptr<const Fd> socket) {
  const std::lock_guard lock(mutex_);
  socket_ = std::move(socket);
}

void CallGuard::set_deadline(Clock::time_point until) {
  watch().move(*this, until);
}

bool CallGuard::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void CallGuard::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  if (socket_ && socket_->valid()) {
    ::shutdown(socket_->get(), SHUT_RDWR);
  }
}

}  // namespace base

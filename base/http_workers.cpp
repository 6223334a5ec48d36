#include "base/http_workers.h"

#include <chrono>
#include <optional>
#include <utility>

#include <pthread.h>

#include "base/heartbeat.h"

namespace base {
namespace {

/// How long a handler may take, for the watchdog: longer than the database lets anybody wait.
constexpr std::chrono::minutes kLongestAnswer{5};

}  // namespace

HttpWorkers::HttpWorkers(std::size_t count, const char* name, Answer answer) : answer_(std::move(answer)) {
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this, name] { work(name); });
    pthread_setname_np(threads_.back().native_handle(), name);
  }
}

void HttpWorkers::add(ReceivedRequest request) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  ready_.notify_one();
}

void HttpWorkers::shut_down() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void HttpWorkers::work(const char* name) {
  Heartbeat heart(name);
  while (true) {
    std::optional<ReceivedRequest> request;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return ending_ || !requests_.empty(); });
      if (requests_.empty()) {
        return;
      }
      request = std::move(requests_.front());
      requests_.pop_front();
    }
    heart.beat(kLongestAnswer);
    answer_(*std::move(request));
    heart.rest();
  }
}

}  // namespace base

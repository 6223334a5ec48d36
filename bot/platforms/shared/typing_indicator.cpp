#include "bot/platforms/shared/typing_indicator.h"

#include <algorithm>

#include <pthread.h>

#include "base/log.h"

namespace bot::shared {
namespace {

constexpr std::size_t kMostWaiting = 200;

}  // namespace

TypingIndicator::TypingIndicator(std::function<void(const std::string&, std::stop_token)> show,
                                 std::chrono::milliseconds repeat)
    : show_(std::move(show)),
      repeat_(repeat),
      thread_([this](std::stop_token stop) { work(std::move(stop)); }) {
  pthread_setname_np(thread_.native_handle(), "typing");
}

TypingIndicator::~TypingIndicator() = default;

void TypingIndicator::thinking(const std::string& chat_id) {
  {
    const std::lock_guard lock(mutex_);
    auto& thought = thoughts_[chat_id];
    if (thought.count++ == 0) {
      thought.next = Steady::now();
    }
    news_ = true;
  }
  changed_.notify_all();
}

void TypingIndicator::idle(const std::string& chat_id) {
  const std::lock_guard lock(mutex_);
  const auto it = thoughts_.find(chat_id);
  if (it != thoughts_.end() && --it->second.count <= 0) {
    thoughts_.erase(it);
  }
}

void TypingIndicator::soon(Call call) {
  {
    const std::lock_guard lock(mutex_);
    if (calls_.size() >= kMostWaiting) {
      return;
    }
    calls_.push_back(std::move(call));
    news_ = true;
  }
  changed_.notify_all();
}

void TypingIndicator::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    news_ = false;
    Call call;
    auto next = Steady::time_point::max();
    if (!calls_.empty()) {
      call = std::move(calls_.front());
      calls_.pop_front();
    } else {
      for (auto& [chat_id, thought] : thoughts_) {
        if (!call && thought.next <= Steady::now()) {
          thought.next = Steady::now() + repeat_;
          call = [this, chat = chat_id](std::stop_token ending) { show_(chat, std::move(ending)); };
        }
        next = std::min(next, thought.next);
      }
    }
    if (call) {
      lock.unlock();
      try {
        call(stop);
      } catch (const std::exception& e) {
        base::log_debug("a courtesy was not done: {}", e.what());
      }
      lock.lock();
    } else {
      const auto woken = [this] { return news_; };
      // A far away time point overflows in the clock's arithmetic.
      changed_.wait_until(lock, stop, std::min(next, Steady::now() + std::chrono::minutes(1)), woken);
    }
  }
}

}  // namespace bot::shared

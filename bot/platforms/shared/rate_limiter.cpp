#include "bot/platforms/shared/rate_limiter.h"

#include <algorithm>

#include "bot/chat/errors.h"

namespace bot::shared {
namespace {

constexpr std::size_t kPruneAbove = 1'000;
/// Threads that come in another order than they looked at the clock differ by less.
constexpr std::chrono::seconds kSetBack{5};

}  // namespace

base::Timestamp RateLimiter::earliest(base::Timestamp filled, RateLimit pace) {
  return filled - pace.pause * (pace.burst - 1);
}

base::Timestamp RateLimiter::earliest(const std::string& chat, RateLimit pace) const {
  auto at = std::max(earliest(all_, overall_), all_held_);
  if (const auto it = chats_.find(chat); it != chats_.end()) {
    at = std::max(at, earliest(it->second, pace));
  }
  if (const auto it = held_.find(chat); it != held_.end()) {
    at = std::max(at, it->second);
  }
  return at;
}

base::Timestamp RateLimiter::ready_at(const std::string& chat, base::Timestamp now) {
  return ready_at(chat, now, per_chat_);
}

base::Timestamp RateLimiter::ready_at(const std::string& chat, base::Timestamp now, RateLimit pace) {
  const std::lock_guard lock(mutex_);
  follow(now);
  return std::max(now, earliest(chat, pace));
}

void RateLimiter::take(const std::string& chat, base::Timestamp now) {
  take(chat, now, per_chat_);
}

void RateLimiter::take(const std::string& chat, base::Timestamp now, RateLimit pace) {
  const std::lock_guard lock(mutex_);
  follow(now);
  if (const auto at = earliest(chat, pace); at > now) {
    throw chat::RateLimited(at);
  }
  prune(now);
  fill(chat, now, pace);
}

void RateLimiter::spend(const std::string& chat, base::Timestamp now, RateLimit pace) {
  const std::lock_guard lock(mutex_);
  follow(now);
  fill(chat, now, pace);
}

void RateLimiter::fill(const std::string& chat, base::Timestamp now, RateLimit pace) {
  auto& filled = chats_[chat];
  filled = std::max(filled, now) + pace.pause;
  all_ = std::max(all_, now) + overall_.pause;
}

/// Whatever was to be waited for is as far away on a clock that was set back as it was before.
void RateLimiter::follow(base::Timestamp now) {
  if (now < seen_ - kSetBack) {
    const auto back = seen_ - now;
    for (auto* times : {&chats_, &held_}) {
      for (auto& [chat, time] : *times) {
        time -= back;
      }
    }
    all_ -= back;
    all_held_ -= back;
    seen_ = now;
  }
  seen_ = std::max(seen_, now);
}

void RateLimiter::prune(base::Timestamp now) {
  if (chats_.size() + held_.size() > kPruneAbove) {
    const auto is_over = [&](const auto& entry) { return entry.second <= now; };
    std::erase_if(chats_, is_over);
    std::erase_if(held_, is_over);
  }
}

void RateLimiter::hold(const std::string& chat, base::Timestamp until) {
  const std::lock_guard lock(mutex_);
  auto& held = held_[chat];
  held = std::max(held, until);
}

void RateLimiter::hold_all(base::Timestamp until) {
  const std::lock_guard lock(mutex_);
  all_held_ = std::max(all_held_, until);
}

}  // namespace bot::shared

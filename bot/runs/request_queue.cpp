#include "bot/runs/request_queue.h"

#include <utility>

namespace bot::runs {
namespace {

/// The others are refused.
constexpr std::size_t kMostWaiting = 20;
/// A CLI that decides by itself after all takes its request back in less.
constexpr std::chrono::milliseconds kMoment{400};
/// More than a person answers with care.
constexpr std::size_t kMostInMinute = 20;

}  // namespace

bool RequestQueue::add(std::shared_ptr<const dispatch::Request> request, Time now) {
  if (waiting_.size() >= kMostWaiting) {
    return false;
  }
  waiting_.push_back({std::move(request), now});
  return true;
}

void RequestQueue::withdraw(const std::string& id) {
  std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.request->id == id; });
}

std::shared_ptr<const dispatch::Request> RequestQueue::next(Time now) {
  while (!shown_.empty() && now - shown_.front() >= std::chrono::minutes(1)) {
    shown_.pop_front();
  }
  const bool may_show =
      !waiting_.empty() && now - waiting_.front().since >= kMoment && shown_.size() < kMostInMinute;
  return may_show ? waiting_.front().request : nullptr;
}

void RequestQueue::note_shown(Time now) {
  waiting_.pop_front();
  shown_.push_back(now);
}

}  // namespace bot::runs

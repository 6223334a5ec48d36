#include "bot/runtime/under_way.h"

namespace bot::runtime {

UnderWay::Mark::Mark(UnderWay* of) : of_(of) {
  if (of_ != nullptr) {
    const std::lock_guard lock(of_->mutex_);
    at_ = of_->begun_.insert(std::chrono::steady_clock::now());
  }
}

UnderWay::Mark::~Mark() {
  if (of_ != nullptr) {
    const std::lock_guard lock(of_->mutex_);
    of_->begun_.erase(at_);
  }
}

bool UnderWay::all_for(std::chrono::milliseconds time) const {
  const std::lock_guard lock(mutex_);
  return !begun_.empty() && *begun_.rbegin() <= std::chrono::steady_clock::now() - time;
}

}  // namespace bot::runtime

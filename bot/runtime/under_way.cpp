#include "bot/runtime/under_way.h"

#include <algorithm>
#include <utility>

namespace bot::runtime {

UnderWay::Mark::Mark(Mark&& other) noexcept : of_(std::exchange(other.of_, nullptr)), at_(other.at_) {}

UnderWay::Mark::~Mark() {
  if (of_ != nullptr) {
    of_->end(at_);
  }
}

UnderWay::Mark UnderWay::begin(Time now) {
  const std::lock_guard lock(mutex_);
  return {*this, jobs_.insert(jobs_.end(), Job{now})};
}

std::optional<UnderWay::Mark> UnderWay::begin_beside_hung(Time now) {
  const std::lock_guard lock(mutex_);
  const auto may_hang = [&](const Job& job) { return now - job.begun >= hung_; };
  const auto hung = static_cast<std::size_t>(std::count_if(
      jobs_.begin(), jobs_.end(), [&](const Job& job) { return may_hang(job) && job.is_overtaken; }));
  const bool is_trial = !jobs_.empty() && std::all_of(jobs_.begin(), jobs_.end(), may_hang);
  const bool is_in_place_of_one = hung > 0 && jobs_.size() - hung < places_;
  if (!is_trial && !is_in_place_of_one) {
    return std::nullopt;
  }
  return std::optional<Mark>(std::in_place, *this, jobs_.insert(jobs_.end(), Job{now}));
}

void UnderWay::end(Jobs::iterator at) {
  const std::lock_guard lock(mutex_);
  std::for_each(jobs_.begin(), at, [](Job& job) { job.is_overtaken = true; });
  jobs_.erase(at);
}

}  // namespace bot::runtime

#include "bot/runtime/run_slots.h"

#include "base/error.h"

namespace bot::runtime {
namespace {

constexpr std::chrono::seconds kLookAtMemory{1};
/// After that what a CLI takes has come off what is available.
constexpr std::chrono::seconds kUntilMemoryIsSeen{5};

}  // namespace

void RunSlots::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool RunSlots::has_memory_for_another() {
  const auto lately = std::chrono::steady_clock::now() - kUntilMemoryIsSeen;
  while (!begun_.empty() && begun_.front() < lately) {
    begun_.pop_front();
  }
  const auto available = available_memory_ && alive_ > 0 ? available_memory_() : std::nullopt;
  return !available || *available >= memory_of_run * (begun_.size() + 1);
}

bool RunSlots::is_short_of_memory() {
  const std::lock_guard lock(mutex_);
  return !has_memory_for_another();
}

RunSlots::Place::Place(RunSlots& slots, std::stop_token stop) : slots_(slots) {
  std::unique_lock lock(slots_.mutex_);
  bool free = false;
  while (!free && !slots_.closed_ && !stop.stop_requested()) {
    // Nobody tells when memory comes free.
    free = slots_.changed_.wait_for(lock, stop, kLookAtMemory, [&] {
      return (slots_.free_ > 0 && slots_.has_memory_for_another()) || slots_.closed_;
    });
  }
  if (!free || slots_.closed_) {
    throw base::Stopped();
  }
  --slots_.free_;
  ++slots_.alive_;
  slots_.begun_.push_back(std::chrono::steady_clock::now());
}

RunSlots::Place::~Place() {
  leave_to_others();
  const std::lock_guard lock(slots_.mutex_);
  --slots_.alive_;
}

void RunSlots::Place::leave_to_others() {
  const std::lock_guard lock(slots_.mutex_);
  if (std::exchange(held_, false)) {
    ++slots_.free_;
    slots_.changed_.notify_one();
  }
}

void RunSlots::Place::take_back() {
  const std::lock_guard lock(slots_.mutex_);
  if (!std::exchange(held_, true)) {
    --slots_.free_;
  }
}

}  // namespace bot::runtime

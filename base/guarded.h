#pragma once

#include <mutex>
#include <utility>

namespace base {

/// A value that can only be touched under its mutex: `value.with([](T& v) { … })`.
template <typename T>
class Guarded {
 public:
  template <typename... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <typename Function>
  decltype(auto) with(Function&& function) {
    const std::lock_guard lock(mutex_);
    return std::forward<Function>(function)(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace base

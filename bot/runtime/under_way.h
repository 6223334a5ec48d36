#pragma once

#include <chrono>
#include <mutex>
#include <set>

namespace bot::runtime {

/// When the jobs began that are being carried out, to tell whether all of them hang. Thread rule: any thread.
class UnderWay {
  using Times = std::multiset<std::chrono::steady_clock::time_point>;

 public:
  /// One of them, for as long as it lives.
  class Mark {
   public:
    /// Of nothing where `of` is null; else it must outlive the mark.
    explicit Mark(UnderWay* of);
    ~Mark();
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    UnderWay* const of_;
    Times::iterator at_;
  };

  /// Whether there are some, and each began at least so long ago.
  bool all_for(std::chrono::milliseconds time) const;

 private:
  mutable std::mutex mutex_;
  Times begun_;
};

}  // namespace bot::runtime

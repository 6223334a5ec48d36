#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>

namespace bot::runtime {

/// The jobs that are being carried out, to tell those that hang from those that take their time: a model that
/// takes one call at a time is slow for all, in their order, and gains nothing by more of them. Thread rule:
/// any thread.
class UnderWay {
  struct Job;
  using Jobs = std::list<Job>;

 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A job that has taken `hung` may hang; there are `places` for those that do not.
  UnderWay(std::chrono::milliseconds hung, std::size_t places) : hung_(hung), places_(places) {}

  /// One of them, for as long as it lives; the UnderWay must outlive it.
  class Mark {
   public:
    Mark(UnderWay& of, Jobs::iterator at) : of_(&of), at_(at) {}
    Mark(Mark&& other) noexcept;
    Mark& operator=(Mark&&) = delete;
    ~Mark();

   private:
    UnderWay* of_;  ///< null once it was moved
    Jobs::iterator at_;
  };

  Mark begin(Time now = std::chrono::steady_clock::now());
  /// One more than there are threads for: as a trial where all that are under way may hang; and in place of
  /// each that may hang and was overtaken by one that began later and has ended. Nothing where it has to
  /// wait.
  std::optional<Mark> begin_beside_hung(Time now = std::chrono::steady_clock::now());

 private:
  struct Job {
    Time begun;
    bool is_overtaken = false;
  };

  void end(Jobs::iterator at);

  const std::chrono::milliseconds hung_;
  const std::size_t places_;
  std::mutex mutex_;
  Jobs jobs_;  ///< in the order in which they began
};

}  // namespace bot::runtime

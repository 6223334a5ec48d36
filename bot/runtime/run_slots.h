#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace bot::runtime {

/// How many specialists may work at once: as many as there are places, and as the machine has memory for, but
/// one in any case. Thread rule: any thread.
class RunSlots {
 public:
  /// `available_memory` in bytes; without it, or where it returns nothing, memory is no matter.
  explicit RunSlots(int places, std::function<std::optional<std::uint64_t>()> available_memory = {})
      : free_(places), available_memory_(std::move(available_memory)) {}

  /// What one needs, in bytes: the Claude Code CLI takes about 300 MB, and its tools come on top.
  static constexpr std::uint64_t memory_of_run = 400ULL * 1024 * 1024;

  /// Whether one more would have to wait for memory now.
  bool is_short_of_memory();
  /// Nobody gets a place any more.
  void close();

  /// A place, for as long as it lives. One that waits for a person leaves it to others meanwhile, and goes on
  /// at once when it is answered, even if that makes one too many for a while.
  class Place {
   public:
    /// Waits for it; throws base::Stopped if `stop` came first, or close() was called.
    Place(RunSlots& slots, std::stop_token stop);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void leave_to_others();
    void take_back();

   private:
    RunSlots& slots_;
    bool held_ = true;
  };

 private:
  bool has_memory_for_another();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  int free_;
  int alive_ = 0;  ///< also those that wait for a person: they keep their memory
  const std::function<std::optional<std::uint64_t>()> available_memory_;
  std::deque<std::chrono::steady_clock::time_point> begun_;  ///< lately: what they take is not seen yet
  bool closed_ = false;
};

}  // namespace bot::runtime

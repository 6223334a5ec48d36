#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace dispatch {

/// Watches, in a thread of its own, that a run does not fill the disk: 20 times a second how much space is
/// left, and what the run takes as soon as that shrinks. Thread rule: one thread, but for what it calls.
class DiskBounds {
 public:
  struct Limits {
    std::vector<std::filesystem::path> folders;  ///< where the run can write; the first is the project
    std::uintmax_t max_growth = 0;               ///< by how many bytes they may grow in total; 0: no limit
    pid_t supervisor = -1;                       ///< the run is what descends from it
  };
  /// Calls `end` from its thread, once, as soon as a bound is passed.
  DiskBounds(Limits limits, std::function<void()> end);
  ~DiskBounds();
  DiskBounds(const DiskBounds&) = delete;
  DiskBounds& operator=(const DiskBounds&) = delete;

  /// A sentence for the chat once a bound was passed.
  std::optional<std::string> passed() const;

  /// No file of the run need be larger: what the folder may grow by and a little more, so that the bound is
  /// passed, and the largest that is there.
  static std::uintmax_t largest_file(const std::filesystem::path& folder, std::uintmax_t max_growth);

 private:
  struct Disk {
    std::filesystem::path folder;
    std::uintmax_t free_before = 0;
    std::uintmax_t free_at_count = 0;
  };

  void watch(const std::stop_token& stop);
  std::optional<std::string> look();
  bool is_due() const;
  std::string full();
  std::uintmax_t taken(std::uintmax_t enough);

  const Limits limits_;
  const std::function<void()> end_;
  std::vector<Disk> disks_;
  std::set<dev_t> devices_;
  std::uintmax_t before_ = 0;
  std::chrono::steady_clock::time_point next_count_;
  std::chrono::steady_clock::time_point earliest_count_;
  mutable std::mutex mutex_;
  std::optional<std::string> passed_;
  std::jthread thread_;
};

}  // namespace dispatch

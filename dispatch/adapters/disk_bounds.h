#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dispatch {

/// Watches that a run does not fill the disk. Thread rule: one thread.
class DiskBounds {
 public:
  /// `max_growth`: by how many bytes the folder may grow from now on; 0 for no limit.
  DiskBounds(std::filesystem::path folder, std::uintmax_t max_growth);

  /// A sentence for the chat when the folder grew too much, or when the disk is nearly full and the folder
  /// grew. Looks only now and then, for at most a twentieth of the time.
  std::optional<std::string> passed();

 private:
  std::uintmax_t size() const;

  const std::filesystem::path folder_;
  const std::uintmax_t max_growth_;
  std::uintmax_t before_;
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace dispatch

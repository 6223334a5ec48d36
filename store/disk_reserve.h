#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>

namespace store {

/// A file beside the database that holds 64 MiB of its disk, to be given up when that is full: so that the
/// end of a run, which was paid for, can be written. Thread rule: any thread, also of several processes.
class DiskReserve {
 public:
  explicit DiskReserve(const std::filesystem::path& database);

  /// Takes the room, where as much again stays free. Returns whether it is held.
  bool hold() const;
  /// Gives it up; false where there was none.
  bool give_up() const;

  static constexpr std::uintmax_t kBytes = 64ULL * 1024 * 1024;

 private:
  const std::filesystem::path path_;
};

/// Whether that was thrown because the disk of the database has no room. Thread rule: any thread.
bool is_want_of_disk(const std::exception& thrown, const std::filesystem::path& database);

}  // namespace store

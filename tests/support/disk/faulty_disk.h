#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <random>

#include "tests/support/disk/written_files.h"

namespace support {

/// What a disk does to who uses it.
struct DiskFault {
  enum class Kind {
    io_error,   ///< any call fails (EIO)
    full,       ///< what takes room fails, after a part was written (ENOSPC)
    read_only,  ///< whatever writes fails (EROFS), and files open for reading only
    busy,       ///< locks are held by somebody else
  };
  Kind kind = Kind::io_error;
  int first = 1;      ///< which of the calls that it concerns it strikes first, counted from 1
  bool lasts = true;  ///< and those after it
};

/// While it lives, it is SQLite's way to the disk in this process (a VFS, default, around "unix"; of version
/// 2, with the shared memory that a write-ahead log needs). It passes everything on except what a fault
/// forbids, does without the real fsync, and knows of the files of one folder what a cut of the power would
/// leave. One at a time. Thread rule: connections of any thread may use the disk; the methods are for one.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// From now on that goes wrong.
  void fail(const DiskFault& fault);
  /// All is well again.
  void heal();
  /// Whether a fault struck since fail().
  bool struck() const;

  /// The files of that folder are watched from now on. What is there is taken for synced.
  void watch(const std::filesystem::path& folder);
  /// Is called before each write and each sync of a watched file, and after each sync: the power may go then.
  /// It must not use the database.
  enum class Moment { before_write, before_sync, after_sync };
  using AtMoment = std::function<void(Moment)>;
  void at_moments(AtMoment call);
  /// Is called before each call that a fault may strike, in the thread that makes it: it may set one, or
  /// heal.
  void at_calls(std::function<void()> call);
  /// Only inside a call of the first kind, or while nobody uses the disk: what a cut would leave now, into
  /// the folder `to`.
  void leave(const std::filesystem::path& to, WrittenFiles::Left left, std::mt19937& random) const;
  bool all_synced() const;
  /// Says that it has synced, and has not.
  void lie_about_syncs();

  /// Calls since the beginning.
  struct Counts {
    std::uint64_t syncs = 0;
    std::uint64_t writes = 0;
    std::uint64_t bytes = 0;
  };
  Counts counts() const;
  /// Whether waiting for a lock takes no time, as it does unless this is called.
  void wait_in_earnest();

  class Impl;

 private:
  const std::unique_ptr<Impl> impl_;
};

}  // namespace support

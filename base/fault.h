#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/fd.h"

namespace base {

/// How a process died by its own fault: a signal that it raised itself, an uncaught exception, its watchdog,
/// or the kernel for want of memory.
struct Fault {
  std::string cause;  ///< "SIGSEGV", "an uncaught exception"
  std::int64_t pid = 0;
  Timestamp at;
  /// What the thread that died was at, see FaultThread; 0: nothing. Nothing where no thread is to blame.
  std::optional<std::int64_t> work;
};

/// A file that outlives the process and says how it died, if that was its own fault. A signal that another
/// process sent leaves no mark, nor does SIGKILL. Thread rule: one thread, except note_memory_kills(); one
/// object a process.
class FaultMark {
 public:
  /// Reads what an earlier process left. Throws std::system_error where the file cannot be opened.
  explicit FaultMark(std::filesystem::path file);
  /// A clean end: leaves nothing.
  ~FaultMark();
  FaultMark(const FaultMark&) = delete;
  FaultMark& operator=(const FaultMark&) = delete;

  const std::optional<Fault>& left() const { return left_; }

  /// Forgets what was left, and marks the faults of this process from now on. How it ends stays as it was: a
  /// core dump, or what a sanitizer's own handler does.
  void begin();

  /// Where a child was killed for want of memory, that is not taken for the end of this process.
  void note_memory_kills();

 private:
  void write(const std::string& line) const;

  const std::filesystem::path path_;
  Fd fd_;
  std::optional<Fault> left_;
  std::mutex mutex_;
  std::string memory_kills_;  ///< as it was noted last
};

/// What a FaultMark can say of a thread: as long as it lives, signals of this thread are handled on a stack
/// of its own, so that a stack that is used up leaves a mark, too.
class FaultThread {
 public:
  FaultThread();
  ~FaultThread();
  FaultThread(const FaultThread&) = delete;
  FaultThread& operator=(const FaultThread&) = delete;

  /// What the thread is at from now on; 0: nothing. Returns what it was at before.
  static std::int64_t works_on(std::int64_t work);
  /// What it is at.
  static std::int64_t work();

 private:
  void* memory_ = nullptr;
  void* before_ = nullptr;
  std::size_t before_size_ = 0;
};

}  // namespace base

#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "store/commit_group.h"
#include "store/connection.h"

namespace store {

/// Copies what was committed from the write-ahead log into the database, on a thread of its own
/// ("checkpoint"), so that no commit waits for it, and keeps the log small. Thread rule: make and destroy on
/// one thread.
class Checkpointer {
 public:
  /// Begins at once. The group must outlive it.
  explicit Checkpointer(CommitGroup& group);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// From so many pages in the log on they are copied.
  static constexpr int kPages = 1'000;
  /// From so many on (64 MiB) the writers are held for the moment that the rest takes, so that the next
  /// commit begins the log anew: beside writers that never pause, no checkpoint ever comes to its end.
  static constexpr int kMostPages = 16'384;

 private:
  void run(const std::stop_token& stop);
  void look();

  CommitGroup& group_;
  Connection connection_;
  int copied_ = 0;  ///< pages of the log at the last look
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace store

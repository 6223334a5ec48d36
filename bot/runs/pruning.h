#pragma once

#include <stop_token>
#include <thread>

#include "bot/runtime/services.h"

namespace bot::runs {

/// Does what [retention] says: from the start on, every hour, in steps so small that nobody waits for them.
/// Without such settings it does nothing. Thread rule: start and stop from one thread.
class Pruning {
 public:
  explicit Pruning(runtime::Services& services) : services_(services) {}
  ~Pruning() { stop(); }

  void start();
  /// Waits for the step that is being done.
  void stop();

 private:
  void work(const std::stop_token& stop);

  runtime::Services& services_;
  std::jthread thread_;
};

/// All that is due now. Returns early once asked to stop, and how many messages were emptied: what they said
/// may stand in the index of words until that is merged. Throws what the database and the projects folder
/// throw.
int prune(runtime::Services& services, store::Database& db, const std::stop_token& stop);

}  // namespace bot::runs

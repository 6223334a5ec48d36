#pragma once

#include <atomic>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace support {

/// The way to a receiver, as bad as the internet on a bad day: hands requests on, but some of them late (so
/// that they overtake each other), some twice, some not at all; some are answered with 429 or 500, and of
/// some the connection is dropped although the receiver took them. Thread rule: any thread.
class UnreliableWay {
 public:
  UnreliableWay(std::string receiver, unsigned seed);
  ~UnreliableWay();
  UnreliableWay(const UnreliableWay&) = delete;
  UnreliableWay& operator=(const UnreliableWay&) = delete;

  std::string url() const;
  /// From now on everything is handed on at once.
  void become_reliable() { reliable_ = true; }

 private:
  enum class Mishap { none, late, twice, dropped_before, dropped_after, too_many, failed_after };
  void serve(const std::stop_token& stop);
  void hand_on(int connection);
  Mishap next_mishap();

  const std::string receiver_;
  std::atomic<bool> reliable_ = false;
  std::mutex mutex_;
  std::mt19937 random_;
  base::Fd listener_;
  int port_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace support

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/http_connections.h"

namespace base {

/// Threads that answer complete requests. Thread rule: add() from any thread, until shut_down().
class HttpWorkers {
 public:
  using Answer = std::function<void(ReceivedRequest)>;

  /// `name` must outlive it.
  HttpWorkers(std::size_t count, const char* name, Answer answer);
  ~HttpWorkers() { shut_down(); }
  HttpWorkers(const HttpWorkers&) = delete;
  HttpWorkers& operator=(const HttpWorkers&) = delete;

  void add(ReceivedRequest request);

  /// Answers what is there, and ends.
  void shut_down();

 private:
  void work(const char* name);

  const Answer answer_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<ReceivedRequest> requests_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

}  // namespace base

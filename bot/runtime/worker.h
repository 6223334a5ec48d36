#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/runtime/work.h"
#include "store/database.h"
#include "store/job_queue.h"

namespace bot::runtime {

/// Threads that claim the jobs of one kind and carry them out. Each has a Database of its own. A job whose
/// handler throws is tried again later; one whose handler throws base::Stopped is given back untouched.
/// Thread rule: start and stop from one thread.
class Worker {
 public:
  using Handler = std::function<void(store::Database&, const store::Job&, std::stop_token)>;
  /// The same in two steps: what it returns is carried out.
  using Begin = std::function<std::unique_ptr<Work>(store::Database&, const store::Job&)>;

  /// Which jobs are claimed, and when.
  struct Claims {
    std::chrono::milliseconds overdue = {};  ///< jobs that have been due for so long
    store::JobQueue::Order order = store::JobQueue::Order::oldest;
    /// The table is looked at this often while one waits for its time, should the clock have been set.
    std::chrono::milliseconds longest_wait{5'000};
  };
  Worker(Services& services, std::string kind, int threads, Handler handler, const Claims& claims);
  Worker(Services& services, std::string kind, int threads, Begin begin, const Claims& claims);

  void start();
  /// Before start(): carries out that job alone on a thread of its own; busy() until it has ended. False
  /// where it cannot run now. Throws what the database throws.
  bool start_alone(std::int64_t job);
  /// Claims nothing any more. What runs goes on.
  void close();
  /// Asks what runs to stop, and waits for it.
  void stop();
  /// How many jobs are being carried out.
  int busy() const { return busy_; }
  const std::string& kind() const { return kind_; }

 private:
  struct Claimed;
  class Hand;

  void work(std::stop_token stop);
  void work_alone(const store::Job& job, std::stop_token stop);
  void open(std::optional<store::Database>& db) const;
  Claimed begin(store::Database& db, const store::Job& job) const;
  void note_wait(const store::Job& job);
  void carry_out(store::Database& db, const Claimed& claimed, Successor* next, std::stop_token stop);
  static void give_back(store::Database& db, Hand& hand);
  std::chrono::milliseconds until(base::Timestamp due) const;

  Services& services_;
  const std::string kind_;
  const int count_;
  const Begin begin_;
  const Claims claims_;
  std::atomic<bool> closed_ = false;
  std::atomic<int> busy_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace bot::runtime

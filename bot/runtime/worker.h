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

#include "base/heartbeat.h"
#include "bot/runtime/hands.h"
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
  /// The same in two steps.
  using Begin = Hands::Begin;
  using Claims = Hands::Claims;

  Worker(Services& services, std::string kind, int threads, Handler handler, const Claims& claims);
  Worker(Services& services, std::string kind, int threads, Begin begin, const Claims& claims);

  /// Before start(): what jobs of this worker leave for `other` is claimed, in the transactions that end
  /// them, for threads of that one which wait.
  void claim_for(Worker& other) { hands_.fill(other.hands_); }

  void start();
  /// Before start(): carries out that job alone on a thread of its own; busy() until it has ended. False
  /// where it cannot run now. Throws what the database throws.
  bool start_alone(std::int64_t job);
  /// Claims nothing any more. What runs goes on.
  void close();
  /// Asks what runs to stop, and waits for it.
  void stop();
  /// How many jobs are being carried out.
  int busy() const { return hands_.busy(); }
  /// How many of its threads wait for one.
  int waiting() { return hands_.waiting(); }
  const std::string& kind() const { return kind_; }

 private:
  /// What one thread remembers.
  struct Looks {
    std::vector<store::Job> ours;  ///< what a database failure has left claimed
    base::Timestamp last{};
    /// Whether this thread is to look when a job that has to wait may run; another one does while it is busy.
    bool watches = false;
  };

  void work(std::stop_token stop);
  std::chrono::milliseconds look(std::unique_ptr<Hand>& hand, Looks& looks, base::Heartbeat& heart,
                                 const std::stop_token& stop);
  void work_beside_hung(std::stop_token stop);
  bool try_one(std::optional<Hand>& hand, base::Heartbeat& heart, const std::stop_token& stop);
  static void retry(Hand& hand, std::vector<store::Job>& ours);
  void work_alone(const store::Job& job, std::stop_token stop);
  void note_wait(const store::Job& job);
  void carry_out(store::Database& db, const Claimed& claimed, Successor* next, std::stop_token stop);
  std::chrono::milliseconds until(base::Timestamp due) const;

  Services& services_;
  const std::string kind_;
  const int count_;
  Hands hands_;
  std::vector<std::jthread> threads_;
};

}  // namespace bot::runtime

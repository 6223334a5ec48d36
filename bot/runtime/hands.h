#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/runtime/under_way.h"
#include "bot/runtime/work.h"
#include "store/database.h"
#include "store/job_queue.h"

namespace bot::runtime {

class Hands;

/// A job that is ours, and what is done about it.
struct Claimed {
  store::Job job;
  std::unique_ptr<Work> work;
  std::exception_ptr failure;  ///< of its beginning
};

/// Whereby a thread of a worker claims: a Database, and what was claimed by it and not begun. Thread rule:
/// one thread at a time.
class Hand final : public Successor {
 public:
  explicit Hand(Hands& hands);
  ~Hand() override;

  store::Database& db() { return db_; }
  /// The next job, claimed now where that has not happened yet; null where there is none. Then `due` is when
  /// the first that waits for its time may run.
  const Claimed* take(std::optional<base::Timestamp>& due);
  /// That job is done with.
  void end();
  bool holds() const { return kept_.has_value(); }

  void claim() override;
  void keep() override;

  /// Whoever takes it up later looks at the table.
  void forget_look() { known_due_.reset(); }

  /// What it holds is not to be carried out: appends it.
  void drop(std::vector<store::Job>& dropped);
  /// The same, and it is ready again as if it had never been claimed.
  void give_back();

 private:
  class Loan;
  void claim_next();
  void fill_waiting_ones();

  /// When the next job may run; empty: there is none.
  using Due = std::optional<base::Timestamp>;
  Due next_due();

  Hands& hands_;
  store::Database db_;
  std::optional<Claimed> claimed_;  ///< in a transaction that is not committed
  std::vector<Loan> loans_;         ///< filled in the same
  std::optional<Claimed> kept_;
  std::optional<Claimed> current_;  ///< is being carried out
  /// Of a transaction that found nothing to claim, when the next may run: reading it there costs no read of
  /// its own. Once it is kept it answers the next take().
  std::optional<Due> due_, known_due_;
};

/// The hands of one worker. A thread that waits lays its own down. Then another worker, which leaves a job
/// for it, claims that by this hand in the transaction that enqueues it, and the thread takes it up filled:
/// that costs no transaction of its own, and no look at the table. Thread rule: any thread, but what is said
/// of Hand.
class Hands {
 public:
  /// Carries out what is returned. Called in the transaction that claims the job.
  using Begin = std::function<std::unique_ptr<Work>(store::Database&, const store::Job&)>;
  /// Which jobs are claimed, and when.
  struct Claims {
    std::chrono::milliseconds overdue = {};  ///< jobs that have been due for so long
    store::JobQueue::Order order = store::JobQueue::Order::oldest;
    /// The table is looked at this often while one waits for its time, should the clock have been set.
    std::chrono::milliseconds longest_wait{5'000};
    UnderWay* under_way = nullptr;  ///< where what is carried out is noted; must outlive the worker
    bool beside_hung = false;       ///< only what UnderWay::begin_beside_hung() allows
  };
  Hands(Services& services, std::string kind, Begin begin, const Claims& claims)
      : services_(services), kind_(std::move(kind)), begin_(std::move(begin)), claims_(claims) {}

  /// Before any thread: those of `other` are filled with what jobs of these leave for them.
  void fill(Hands& other) { filled_by_us_.push_back(&other); }

  /// For a thread that stops waiting, or begins: one that was filled, one that lies there, or a new one.
  std::unique_ptr<Hand> take_up();
  /// The thread waits from now on, with or without one to lay down. False where one is filled, so that it
  /// need not. Each call is followed by one of rise().
  bool lay_down(std::unique_ptr<Hand> hand);
  void rise();
  /// In place of one that holds nothing, one that was filled, if there is one.
  void exchange_for_filled(std::unique_ptr<Hand>& hand);
  bool has_filled() const { return filled_count_ > 0; }
  /// How many threads wait.
  int waiting();

  /// When the first job that nobody has claimed may run. All workers ask by one connection: what most of them
  /// do is to find nothing. Throws what the database throws.
  std::optional<base::Timestamp> next_due();

  /// Claims nothing any more.
  void close() { closed_ = true; }
  bool closed() const { return closed_; }
  /// What was filled and not taken up is given back.
  void give_back_filled();
  /// How many jobs are claimed and not done with.
  int busy() const { return busy_; }
  void count(int jobs) { busy_ += jobs; }

  Services& services() const { return services_; }
  const std::string& kind() const { return kind_; }
  const Claims& claims() const { return claims_; }
  base::Timestamp latest() const { return services_.clock.now() - claims_.overdue; }
  /// Whatever goes wrong there is the job's own failure, and must not undo what it is claimed together with.
  Claimed begin(store::Database& db, const store::Job& job) const;

 private:
  friend class Hand;
  /// Null where no thread waits that would take it up.
  std::unique_ptr<Hand> lend();
  void take_back(std::unique_ptr<Hand> hand);
  void take_filled(std::unique_ptr<Hand> hand);

  Services& services_;
  const std::string kind_;
  const Begin begin_;
  const Claims claims_;
  std::vector<Hands*> filled_by_us_;
  std::atomic<bool> closed_ = false;
  std::atomic<int> busy_ = 0;
  std::mutex mutex_;
  int waiting_ = 0;  ///< threads between lay_down() and rise()
  int lent_ = 0;
  std::vector<std::unique_ptr<Hand>> free_;
  std::deque<std::unique_ptr<Hand>> filled_;
  std::atomic<int> filled_count_ = 0;  ///< of filled_, to be asked without the mutex
};

}  // namespace bot::runtime

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fault.h"
#include "store/database.h"
#include "store/states.h"

namespace store {

/// A piece of work that outlives the process. `ref` is the row it is about (a message, a dispatch, an outbox
/// row).
struct Job {
  std::int64_t id = 0;
  std::string kind;
  std::int64_t lane = 0;
  std::int64_t ref = 0;
  std::int64_t owner = 0;  ///< whose it is, for Order::shared_out
  int attempt = 0;         ///< 1 on the first claim; what the end of the program cut does not count
  std::int64_t epoch = 0;  ///< fences: a claim that was taken over cannot complete
  base::Timestamp created;
  int cuts = 0;   ///< how often the program was ended from outside while it ran
  int marks = 0;  ///< how often the program died of its own fault while it ran
  std::optional<JobTrial> trial = {};
};

/// So many marks, and a job runs alone.
inline constexpr int kMarksOfSuspect = 2;

/// The durable hand-off between threads. Jobs of one kind and lane run strictly in order, lanes run in
/// parallel; a job that waits for its retry holds up its lane. A job's row lives until it is complete. Call
/// enqueue() and complete() inside the transaction that stores the reason or the result. Thread rule: that of
/// the Database.
class JobQueue {
 public:
  explicit JobQueue(Database& db) : db_(db) {}

  struct Terms {
    base::Timestamp not_before = {};  ///< when it may run
    std::int64_t owner = 0;
    /// That is a time by the clock on the wall, not a while to wait: follow_clock() leaves it as it is.
    bool by_the_wall = false;
  };
  std::int64_t enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref, base::Timestamp now,
                       const Terms& terms);
  std::int64_t enqueue(const std::string& kind, std::int64_t lane, std::int64_t ref, base::Timestamp now) {
    return enqueue(kind, lane, ref, now, Terms());
  }

  /// Which of the jobs that may run comes next.
  enum class Order {
    oldest,
    /// The owner of whom the fewest are running, of these the one who has waited longest since being served:
    /// so nobody waits for all that another has sent.
    shared_out,
    /// The one that may run since longest. Takes as long however many wait for their time.
    longest_due
  };
  /// The next job of that kind that may run now, marked as running; in a transaction of its own. Takes
  /// as long however many jobs wait.
  std::optional<Job> claim(const std::string& kind, base::Timestamp now, Order order = Order::oldest);

  /// The same within a transaction of the caller's.
  std::optional<Job> claim_within(const std::string& kind, base::Timestamp now, Order order);
  /// Whether a job of that kind may run now. Asks outside of any transaction, so that nobody who writes has
  /// to wait where there is nothing to claim.
  bool is_due(const std::string& kind, base::Timestamp now);

  /// The earliest time at which a job of that kind that is first in its lane may run, if there is one.
  std::optional<base::Timestamp> next_due(const std::string& kind);

  /// Removes the job; false if the claim has been lost (then whatever the caller did must be rolled back).
  bool complete(const Job& job);
  /// Removes the job of that kind and reference if nobody has claimed it.
  void withdraw(const std::string& kind, std::int64_t ref);
  /// Removes it whether it runs or not: a claim on it is lost. Returns whether there was one.
  bool drop(const std::string& kind, std::int64_t ref);
  /// Whether the job of that kind and reference was never claimed and may not run yet.
  bool is_put_off(const std::string& kind, std::int64_t ref, base::Timestamp now);
  /// That job, if nobody has claimed it, may run from then on.
  void put_off(const std::string& kind, std::int64_t ref, base::Timestamp now, base::Timestamp not_before);
  /// Back to ready, not before that time; the attempt counts.
  void retry(const Job& job, base::Timestamp now, base::Timestamp not_before);
  /// Back to ready as if it had never been claimed: for a clean stop.
  void give_back(const Job& job);
  /// The same, and not before that time.
  void give_back(const Job& job, base::Timestamp now, base::Timestamp not_before);
  /// After the clock was set back: whoever waits has as long to wait as before, except for a time on the
  /// wall. Harmless at any other time.
  void follow_clock(base::Timestamp now);

  /// After a crash, decision 0015: what was running is ready again, after a pause that grows each time it is
  /// cut. `fault`: how the last process died, where that was its own doing. Only the holder of the ServeLock
  /// may call it. Returns the jobs that were running, as they are now.
  std::vector<Job> recover(base::Timestamp now, const std::optional<base::Fault>& fault = {});
  /// The jobs with kMarksOfSuspect marks or more that are not proven guilty, in the order in which they are
  /// to run alone: those first that did so least often, and of these those that take long last.
  std::vector<Job> suspects(const std::string& long_kind);
  /// That job, marked as running alone; nothing where it cannot run or is behind another in its lane.
  std::optional<Job> claim_alone(std::int64_t id);
  /// It is no longer alone, or it has ended.
  void end_alone(std::int64_t id);

  /// What the jobs behind this one, of its kind and lane, are about, in their order: at most so many, and
  /// only up to one that may not run yet.
  std::vector<std::int64_t> behind(const Job& job, base::Timestamp now, int limit);
  /// How many open jobs of its kind and lane stand before this one.
  int ahead(const std::string& kind, std::int64_t lane, std::int64_t ref);
  /// Whether the job of that kind and reference is not complete yet.
  bool is_open(const std::string& kind, std::int64_t ref);
  /// Whether a job of that kind is open in the lane.
  bool has_open(const std::string& kind, std::int64_t lane);
  /// How many jobs of that kind are open (ready or running).
  int open(const std::string& kind);
  /// How many jobs of that kind and owner nobody has claimed; counts no further than `limit`.
  int waiting(const std::string& kind, std::int64_t owner, int limit);
  /// The same of all kinds and owners.
  std::int64_t ready(std::int64_t limit);

 private:
  std::optional<Job> claim_shared_out(const std::string& kind, base::Timestamp now);
  std::optional<std::int64_t> next_owner(const std::string& kind, base::Timestamp now);

  Database& db_;
};

}  // namespace store

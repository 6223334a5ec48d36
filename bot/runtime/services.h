#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/notifier.h"
#include "bot/chat/platform.h"
#include "bot/runtime/metrics.h"
#include "bot/runtime/settings.h"
#include "dispatch/specialists.h"
#include "dispatch/task/specialist.h"
#include "llm/chat_model.h"
#include "router/secretary.h"

namespace bot::runtime {

/// The kinds of jobs that are not deliveries.
inline constexpr const char* kTurnJob = "turn";
/// Turns that need no model (commands, clicks), so that "/cancel" never waits behind a slow one.
inline constexpr const char* kQuickTurnJob = "quick-turn";
inline constexpr const char* kDispatchJob = "dispatch";

/// The specialists that work right now, so that they can be stopped. Thread rule: any thread.
class RunRegistry {
 public:
  struct Run {
    std::stop_source stop;
    std::shared_ptr<dispatch::Mailbox> mailbox;
    store::PersonId person = {};
    double usd = 0;  ///< so far, in US dollars; in the ledger when it has ended
  };
  /// From now on that run can be stopped and gets replies, until leave().
  Run enter(store::DispatchId id);
  void leave(store::DispatchId id);
  void stop(store::DispatchId id);
  /// Dropped where it does not run: then nobody waits for it.
  void reply(store::DispatchId id, dispatch::Reply reply);
  void note_spent(store::DispatchId id, store::PersonId person, double usd);
  /// What the runs that go on have spent so far, in US dollars: all of them, or one person's.
  double spent(std::optional<store::PersonId> person = {}) const;
  void stop_all();
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<store::DispatchId, Run> running_;
};

/// How many specialists may work at once: as many as there are places, and as the machine has memory for, but
/// one in any case. Thread rule: any thread.
class RunSlots {
 public:
  /// `available_memory` in bytes; without it, or where it returns nothing, memory is no matter.
  explicit RunSlots(int places, std::function<std::optional<std::uint64_t>()> available_memory = {})
      : free_(places), available_memory_(std::move(available_memory)) {}

  /// What one needs, in bytes: the Claude Code CLI takes about 300 MB, and its tools come on top.
  static constexpr std::uint64_t memory_of_run = 400ULL * 1024 * 1024;

  /// Whether one more would have to wait for memory now.
  bool is_short_of_memory();
  /// Nobody gets a place any more.
  void close();

  /// A place, for as long as it lives. One that waits for a person leaves it to others meanwhile, and goes on
  /// at once when it is answered, even if that makes one too many for a while.
  class Place {
   public:
    /// Waits for it; throws base::Stopped if `stop` came first, or close() was called.
    Place(RunSlots& slots, std::stop_token stop);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void leave_to_others();
    void take_back();

   private:
    RunSlots& slots_;
    bool held_ = true;
  };

 private:
  bool has_memory_for_another();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  int free_;
  int alive_ = 0;  ///< also those that wait for a person: they keep their memory
  const std::function<std::optional<std::uint64_t>()> available_memory_;
  std::deque<std::chrono::steady_clock::time_point> begun_;  ///< lately: what they take is not seen yet
  bool closed_ = false;
};

/// What the workers share. App owns everything behind the references; all of it may be used from any thread.
struct Services {
  const Settings& settings;
  const base::Clock& clock;
  base::Guarded<std::shared_ptr<const Policy>>& policy_holder;
  llm::ChatModel& model;
  router::Secretary& secretary;
  const dispatch::Specialists& specialists;
  std::map<std::string, std::unique_ptr<chat::Platform>>& platforms;
  RunRegistry& runs;
  RunSlots& slots;
  Metrics& metrics;
  base::Notifier& notifier;  ///< every Transaction that leaves work behind rings it
  std::atomic<bool>& stopping;

  std::shared_ptr<const Policy> policy() const {
    return policy_holder.with([](const auto& policy) { return policy; });
  }
  /// Null for a section that is gone from the configuration since its messages came.
  chat::Platform* platform(const std::string& section) const;
  /// US dollars for those tokens of the secretary's model.
  double price(const llm::Usage& usage) const;
};

}  // namespace bot::runtime

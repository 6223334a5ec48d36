#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/doorbell.h"
#include "base/guarded.h"
#include "bot/chat_platform.h"
#include "bot/metrics.h"
#include "bot/settings.h"
#include "dispatch/specialist.h"
#include "llm/chat_model.h"
#include "router/secretary.h"

namespace bot {

/// The kinds of jobs that are not deliveries.
inline constexpr const char* kTurnJob = "turn";
/// Turns that need no model (commands, clicks), so that "/cancel" never waits behind a slow one.
inline constexpr const char* kQuickTurnJob = "quick-turn";
inline constexpr const char* kDispatchJob = "dispatch";

/// The specialists that work right now, so that they can be stopped. Thread rule: any thread.
class RunRegistry {
 public:
  /// The stop token of that run, valid until leave().
  std::stop_token enter(store::DispatchId id);
  void leave(store::DispatchId id);
  void stop(store::DispatchId id);
  void stop_all();
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<store::DispatchId, std::stop_source> running_;
};

/// What the workers share. App owns everything behind the references; all of it may be used from any thread.
struct Services {
  const Settings& settings;
  const base::Clock& clock;
  base::Guarded<std::shared_ptr<const Policy>>& policy_holder;
  llm::ChatModel& model;
  router::Secretary& secretary;
  dispatch::Specialist& specialist;
  std::map<std::string, std::unique_ptr<ChatPlatform>>& platforms;
  RunRegistry& runs;
  Metrics& metrics;
  base::Doorbell& doorbell;  ///< rung after every commit that left work behind
  std::atomic<bool>& stopping;

  std::shared_ptr<const Policy> policy() const {
    return policy_holder.with([](const auto& policy) { return policy; });
  }
  /// Null for a section that is gone from the configuration since its messages came.
  ChatPlatform* platform(const std::string& section) const;
  /// US dollars for those tokens of the secretary's model.
  double price(const llm::Usage& usage) const;
};

}  // namespace bot

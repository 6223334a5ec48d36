#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/notifier.h"
#include "bot/chat/platform.h"
#include "bot/runtime/metrics.h"
#include "bot/runtime/run_registry.h"
#include "bot/runtime/run_slots.h"
#include "bot/runtime/settings.h"
#include "dispatch/specialists.h"
#include "llm/chat_model.h"
#include "router/secretary.h"

namespace store {
class CommitGroup;
}
namespace bot::tools {
class Servers;
}
namespace bot::messages {
class Pictures;
}

namespace bot::runtime {

/// The kinds of jobs that are not deliveries.
inline constexpr const char* kTurnJob = "turn";
/// Turns that need no model (commands, clicks), so that "/cancel" never waits behind a slow one.
inline constexpr const char* kQuickTurnJob = "quick-turn";
inline constexpr const char* kDispatchJob = "dispatch";
/// The end of the time in which a question of the secretary can be answered.
inline constexpr const char* kQuestionJob = "question";

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
  /// Through which every thread of the program writes; without one each has a transaction of its own.
  store::CommitGroup* commits = nullptr;
  /// The secretary's tools by MCP; null where none are configured, or nothing runs.
  tools::Servers* tools = nullptr;
  /// Where pictures are decoded; null where nothing runs.
  messages::Pictures* pictures = nullptr;

  std::shared_ptr<const Policy> policy() const {
    return policy_holder.with([](const auto& policy) { return policy; });
  }
  /// Null for a section that is gone from the configuration since its messages came.
  chat::Platform* platform(const std::string& section) const;
  /// US dollars for those tokens of the secretary's model, or of the fallback that counted them.
  double price(const llm::Usage& usage) const;
  /// Who counted them, for the ledger.
  std::string provider_of(const llm::Usage& usage) const;
  std::string model_of(const llm::Usage& usage) const;
};

}  // namespace bot::runtime

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "bot/chat/capabilities.h"

namespace bot::shared {

/// An answer that is there sooner is not shown before it is whole.
inline constexpr std::chrono::milliseconds kDraftPatience{1'500};

/// The answers that are being written in the chats of one service, each shown as a draft that follows the
/// model at the service's pace. A thread of its own makes the calls; where one fails for good, that answer
/// comes without a draft. Thread rule: any thread.
class ServiceDrafts {
 public:
  /// Makes the draft show that text, Markdown, which is empty once it was withdrawn. `external_id` is what
  /// the call returned before, empty at first. Returns the id of the service's message, where it is one.
  /// Throws chat::RateLimited where it is not the time for it, and what PartCalls throw.
  using Show = std::function<std::string(const chat::Draft& draft, const std::string& text,
                                         const std::string& external_id, std::stop_token stop)>;

  /// `pace` is the time between two calls for one draft.
  ServiceDrafts(const base::Clock& clock, std::chrono::milliseconds pace, Show show);
  ~ServiceDrafts();
  ServiceDrafts(const ServiceDrafts&) = delete;
  ServiceDrafts& operator=(const ServiceDrafts&) = delete;

  void add(const chat::Draft& draft, std::string_view text);
  void withdraw(const chat::Draft& draft);

  /// Ends the draft whose place `call` takes, before anything of the call is made, and tells `parts` what has
  /// become of it. Waits a moment for what is under way, and throws chat::RateLimited where that takes
  /// longer: it would be seen over the answer.
  void end(const store::OutgoingCall& call, store::MessageParts& parts, base::Timestamp now);

 private:
  using Steady = std::chrono::steady_clock;
  /// What is known of the message.
  enum class Sent { no, yes, unknown };
  struct Entry {
    chat::Draft draft;
    std::string text = {};
    std::string told = {};
    std::string external_id = {};
    Sent sent = Sent::no;
    bool calling = false;  ///< the thread makes a call for it
    bool silent = false;   ///< no further call is made for it
    bool has_news = false;
    Steady::time_point next = {};
    Steady::time_point settled = {};  ///< when the service has surely done what it was told last
  };
  Entry& entry_of(const chat::Draft& draft);
  void work(const std::stop_token& stop);
  void call(Entry& entry, std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void drop_old();

  const base::Clock& clock_;
  const std::chrono::milliseconds pace_;
  const Show show_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Entry> entries_;        ///< the oldest first
  Steady::time_point paused_ = {};  ///< no draft is shown before: the service asked for a pause
  bool news_ = false;
  std::jthread thread_;
};

}  // namespace bot::shared

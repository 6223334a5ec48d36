#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bot/console/api.h"
#include "store/commit_group.h"

namespace bot::console {

/// Tells open pages of the console that something changed, so that they ask for what they show. It hears of
/// it from the commits themselves, so that nothing that writes need know of it, and of what other processes
/// write (a shell) by looking once a second. Changes of a moment are told together, a few times a second, by
/// their kinds and ids alone. Thread rule: one thread makes and ends it; it has a thread of its own.
class Events {
 public:
  /// One event, a line of JSON, for all that listen to the topic.
  using Publish = std::function<void(const std::string& topic, std::string_view json)>;
  static constexpr const char* kTopic = "console";

  /// Both must outlive it.
  Events(store::CommitGroup& commits, Publish publish);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

 private:
  void work(const std::stop_token& stop);
  std::set<store::CommitGroup::Changed> wait(const std::stop_token& stop);
  bool others_wrote();

  store::CommitGroup& commits_;
  const Publish publish_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<store::CommitGroup::Changed> pending_;
  std::int64_t seen_version_ = 0;  ///< of the database, as this process's connection counts what others write
  std::jthread thread_;
};

/// What is told of those changes, a line of JSON each.
std::vector<std::string> events_of(const std::set<store::CommitGroup::Changed>& changed);

/// GET /events.
std::vector<Route> event_routes();

}  // namespace bot::console

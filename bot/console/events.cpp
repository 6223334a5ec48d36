#include "bot/console/events.h"

#include <map>

#include <nlohmann/json.hpp>
#include <pthread.h>

#include "base/json.h"
#include "base/log.h"
#include "base/wait.h"
#include "bot/chat/platform.h"
#include "bot/console/calls.h"
#include "bot/console/query.h"

namespace bot::console {
namespace {

using nlohmann::json;
using store::CommitGroup;

/// What happens within so long is told together.
constexpr std::chrono::milliseconds kTogether{250};
constexpr std::chrono::milliseconds kLookForOthers{1000};
/// More rows of a kind at once are told as "something".
constexpr std::size_t kMostIds = 50;

/// The tables of which pages show something, and as what a change of them is told. What has no ids is written
/// together with something that has.
const std::map<std::string, std::vector<std::string>>& told_as() {
  static const std::map<std::string, std::vector<std::string>> tables = {
      {"decisions", {"decision", "inbox"}},
      {"dispatches", {"dispatch"}},
      {"approvals", {"inbox"}},
      {"tool_calls", {"inbox"}},
      {"pairing_requests", {"inbox", "people"}},
      {"crashes", {"inbox"}},
      {"inbox_done", {"inbox"}},
      {"outbox", {"delivery"}},
      {"section_troubles", {"delivery"}},
      {"people", {"people"}},
      {"verdicts", {"review"}},
      {"routing_console", {"routing"}},
      {"changes", {"inbox", "delivery", "change"}},
  };
  return tables;
}

std::set<std::string> tables() {
  std::set<std::string> names;
  for (const auto& [table, types] : told_as()) {
    names.insert(table);
  }
  return names;
}

json event(const std::string& type, std::int64_t id) {
  if (type == "decision") {
    return {{"type", type}, {"id", id}};
  }
  if (type == "dispatch") {
    return {{"type", type}, {"id", chat::dispatch_name({id})}};
  }
  return type == "routing" ? json{{"type", type}, {"version", id}} : json{{"type", type}};
}

/// Of what another process wrote nobody knows what it was.
std::vector<std::string> everything() {
  std::vector<std::string> events;
  for (const char* type : {"decision", "dispatch", "inbox", "delivery", "people", "review"}) {
    events.push_back(base::dump_json({{"type", type}}));
  }
  return events;
}

}  // namespace

std::vector<std::string> events_of(const std::set<CommitGroup::Changed>& changed) {
  std::map<std::string, std::set<std::string>> events;
  for (const auto& [table, id] : changed) {
    for (const auto& type : told_as().at(table)) {
      events[type].insert(base::dump_json(event(type, id)));
    }
  }
  std::vector<std::string> all;
  for (const auto& [type, lines] : events) {
    if (lines.size() > kMostIds) {
      all.push_back(base::dump_json({{"type", type}}));
    } else {
      all.insert(all.end(), lines.begin(), lines.end());
    }
  }
  return all;
}

Events::Events(CommitGroup& commits, Publish publish) : commits_(commits), publish_(std::move(publish)) {
  commits_.listen(tables(), [this](const std::set<CommitGroup::Changed>& changed) {
    const std::lock_guard lock(mutex_);
    pending_.insert(changed.begin(), changed.end());
    changed_.notify_one();
  });
  others_wrote();
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  pthread_setname_np(thread_.native_handle(), "console events");
}

Events::~Events() {
  thread_ = {};
  try {
    commits_.listen({}, {});
  } catch (const std::exception& e) {
    base::log_error("console: {}", e.what());
  }
}

bool Events::others_wrote() {
  const auto version = commits_.others_version();
  return std::exchange(seen_version_, version) != version;
}

std::set<CommitGroup::Changed> Events::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, kLookForOthers, [&] { return !pending_.empty(); });
  if (!pending_.empty()) {
    lock.unlock();
    static_cast<void>(base::wait_for(kTogether, stop));
    lock.lock();
  }
  return std::exchange(pending_, {});
}

void Events::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      const auto changed = wait(stop);
      for (const auto& line : others_wrote() ? everything() : events_of(changed)) {
        publish_(kTopic, line);
      }
    } catch (const std::exception& e) {
      base::log_debug("console: what changed is told later: {}", e.what());
    }
  }
}

std::vector<Route> event_routes() {
  return {{"GET", "/events", Role::viewer, [](const Call& call) {
             allow_only(call.request, {});
             base::HttpResponse response;
             response.event_stream = base::EventStream{Events::kTopic};
             return response;
           }}};
}

}  // namespace bot::console

#include "base/heartbeat.h"

#include <set>
#include <utility>

#include "base/guarded.h"

namespace base {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Never destroyed: a thread may outlive main's statics.
Guarded<std::set<const Heartbeat*>>& all() {
  static auto& heartbeats = *new Guarded<std::set<const Heartbeat*>>();
  return heartbeats;
}

}  // namespace

Heartbeat::Heartbeat(std::string name) : name_(std::move(name)), due_(SteadyClock::time_point::max()) {
  all().with([this](auto& heartbeats) { heartbeats.insert(this); });
}

Heartbeat::~Heartbeat() {
  all().with([this](auto& heartbeats) { heartbeats.erase(this); });
}

void Heartbeat::beat(std::chrono::milliseconds within) {
  due_.store(SteadyClock::now() + within, std::memory_order_relaxed);
}

void Heartbeat::rest() {
  due_.store(SteadyClock::time_point::max(), std::memory_order_relaxed);
}

std::optional<std::string> stuck_loop(SteadyClock::time_point now, std::chrono::milliseconds grace) {
  return all().with([&](const auto& heartbeats) {
    std::optional<std::string> name;
    auto latest = SteadyClock::time_point::max();
    for (const auto* heartbeat : heartbeats) {
      if (const auto due = heartbeat->due(); due < now - grace && due < latest) {
        latest = due;
        name = heartbeat->name();
      }
    }
    return name;
  });
}

}  // namespace base

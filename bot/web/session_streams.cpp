#include "bot/web/session_streams.h"

namespace bot::web {
namespace {

std::string own_topic(const std::string& topic, const console::Caller& caller) {
  return topic + ":" + caller.name + "#" + std::to_string(caller.session);
}

}  // namespace

std::string SessionStreams::open(const std::string& topic, const console::Caller& caller) {
  const std::lock_guard lock(mutex_);
  return open_[topic][caller.session] = own_topic(topic, caller);
}

void SessionStreams::publish(const std::string& topic, std::string_view data) {
  std::map<std::int64_t, std::string> sessions;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = open_.find(topic); found != open_.end()) {
      sessions = found->second;
    }
  }
  for (const auto& [session, own] : sessions) {
    if (session_.is_open(session)) {
      publish_(own, data);
    } else {
      const std::lock_guard lock(mutex_);
      open_[topic].erase(session);
    }
  }
}

}  // namespace bot::web

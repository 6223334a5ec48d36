#include "bot/web/session_streams.h"

namespace bot::web {
namespace {

std::string own_topic(const std::string& topic, std::int64_t session) {
  return topic + "#" + std::to_string(session);
}

}  // namespace

std::string SessionStreams::open(const std::string& topic, std::int64_t session) {
  const std::lock_guard lock(mutex_);
  open_[topic].insert(session);
  return own_topic(topic, session);
}

void SessionStreams::publish(const std::string& topic, std::string_view data) {
  std::set<std::int64_t> sessions;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = open_.find(topic); found != open_.end()) {
      sessions = found->second;
    }
  }
  for (const auto session : sessions) {
    if (session_.is_open(session)) {
      publish_(own_topic(topic, session), data);
    } else {
      const std::lock_guard lock(mutex_);
      open_[topic].erase(session);
    }
  }
}

}  // namespace bot::web

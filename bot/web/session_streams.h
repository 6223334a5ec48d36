#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "bot/web/session.h"

namespace bot::web {

/// Event streams that say nothing more once their session has ended: each is open on a topic of its session's
/// own. Thread rule: any thread.
class SessionStreams {
 public:
  using Publish = std::function<void(const std::string& topic, std::string_view data)>;
  /// `publish` sends to every stream that is open on a topic (base::HttpServer::publish).
  SessionStreams(Session& session, Publish publish) : session_(session), publish_(std::move(publish)) {}

  /// The topic on which this session's streams of `topic` are opened.
  std::string open(const std::string& topic, std::int64_t session);
  /// Sends to the streams of `topic`.
  void publish(const std::string& topic, std::string_view data);

 private:
  Session& session_;
  const Publish publish_;
  std::mutex mutex_;
  std::map<std::string, std::set<std::int64_t>> open_;  ///< sessions by topic
};

}  // namespace bot::web

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "bot/console/caller.h"
#include "bot/web/session.h"

namespace bot::web {

/// Event streams that say nothing more once their session has ended: each is open on a topic of its session's
/// own. Thread rule: any thread.
class SessionStreams {
 public:
  using Publish = std::function<void(const std::string& topic, std::string_view data)>;
  /// `publish` sends to every stream that is open on a topic (base::HttpServer::publish).
  SessionStreams(Session& session, Publish publish) : session_(session), publish_(std::move(publish)) {}

  /// The topic on which the caller's streams of `topic` are opened: of each person a kind of its own, so that
  /// base::HttpServer bounds those of one, and nobody's pages end somebody else's.
  std::string open(const std::string& topic, const console::Caller& caller);
  /// Sends to the streams of `topic`.
  void publish(const std::string& topic, std::string_view data);

 private:
  Session& session_;
  const Publish publish_;
  std::mutex mutex_;
  /// By topic and session: its own topic.
  std::map<std::string, std::map<std::int64_t, std::string>> open_;
};

}  // namespace bot::web

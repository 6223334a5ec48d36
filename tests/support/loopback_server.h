#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/http.h"

namespace support {

/// The address of a server on that port of this machine.
inline std::string loopback_url(int port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

/// A server on a free port of this machine that answers as it is told and keeps what it was asked. Thread
/// rule: any thread; so is the handler called.
class LoopbackServer {
 public:
  using Handler = std::function<base::HttpResponse(const base::HttpRequest&)>;

  explicit LoopbackServer(Handler handler)
      : handler_(std::move(handler)), server_({.threads = 4}, [this](const base::HttpRequest& request) {
          {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
          }
          return handler_(request);
        }) {
    server_.start();
  }
  /// Answers every call the same way.
  explicit LoopbackServer(const base::HttpResponse& response)
      : LoopbackServer([response](const base::HttpRequest&) { return response; }) {}
  ~LoopbackServer() { server_.stop(); }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url() const { return loopback_url(server_.port()); }
  /// In the order in which they came.
  std::vector<base::HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  const Handler handler_;
  mutable std::mutex mutex_;
  std::vector<base::HttpRequest> requests_;
  base::HttpServer server_;
};

}  // namespace support

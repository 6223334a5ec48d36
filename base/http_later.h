#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "base/http.h"

namespace base {

/// The response to one request, sent when it is known, by whichever thread knows it: what waits for something
/// holds no worker of the server. A server that stops waits for all of them. Thread rule: one thread at a
/// time.
class LaterResponse {
 public:
  using Send = std::function<void(const HttpResponse&)>;

  /// For the request that this thread's handler was given; what the handler returns is not sent then, what it
  /// throws is only logged. Nothing outside a handler, or where it was taken already.
  static std::optional<LaterResponse> take();

  explicit LaterResponse(Send send) : send_(std::move(send)) {}
  LaterResponse(LaterResponse&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  LaterResponse& operator=(LaterResponse&&) = delete;
  /// One that was never sent becomes a 503.
  ~LaterResponse();

  /// Sends `response`, which opens no event stream, without waiting for the peer. Once.
  void send(const HttpResponse& response) { std::exchange(send_, nullptr)(response); }

 private:
  Send send_;
};

}  // namespace base

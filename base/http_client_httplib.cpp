// This file and http_server_httplib.cpp alone include <httplib.h>.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <httplib.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/http.h"
#include "base/http_field_syntax.h"
#include "base/log.h"

namespace base {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct SplitUrl {
  std::string origin;
  std::string target;
};

SplitUrl split_url(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos || (url.substr(0, scheme) != "http" && url.substr(0, scheme) != "https") ||
      std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' '; })) {
    throw PermanentError("not an http:// or https:// address");
  }
  const auto path = url.find('/', scheme + 3);
  const auto origin = url.substr(0, path);
  if (origin.size() <= scheme + 3) {
    throw PermanentError("an address without a host");
  }
  return {origin, path == std::string::npos ? "/" : url.substr(path)};
}

/// Ends a call at its deadline or at a stop request, by shutting its socket down from a thread of its own.
/// httplib's stop() would block for as long as a connection is being made, and its timeouts begin anew with
/// every byte.
class CallGuard {
 public:
  CallGuard(SteadyClock::time_point until, std::stop_token stop)
      : until_(until), stop_(std::move(stop)), thread_([this] { watch(); }) {}

  ~CallGuard() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  /// To be called with each socket before it connects. The duplicate stays valid when httplib closes its own.
  void take(int fd) {
    const std::lock_guard lock(mutex_);
    socket_ = Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  }

  /// Whether it ended the call.
  bool ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop_, until_, [this] { return done_; });
    while (!done_) {
      ended_ = true;
      if (socket_.valid()) {
        ::shutdown(socket_.get(), SHUT_RDWR);
      }
      // Again, as there may be a next address to connect to.
      changed_.wait_for(lock, milliseconds(20), [this] { return done_; });
    }
  }

  const SteadyClock::time_point until_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Fd socket_;
  bool done_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace

HttpResponse http_call(const HttpCall& call, std::stop_token stop) {
  const auto [origin, target] = split_url(call.url);
  httplib::Client client(origin);
  if (!client.is_valid()) {
    throw PermanentError("not an address that can be called: " + origin);
  }
  client.set_connection_timeout(call.connect_timeout);
  client.set_read_timeout(call.read_timeout);
  client.set_write_timeout(call.read_timeout);
  client.set_tcp_nodelay(true);
  client.set_keep_alive(false);

  httplib::Request request;
  request.method = call.method;
  request.path = target;
  for (const auto& [name, value] : call.headers.all()) {
    if (!is_token(name) || has_line_break(value)) {
      throw PermanentError("the header " + name + " has a line break in it");
    }
    request.headers.emplace(name, value);
  }
  if (!call.body.empty() || call.method == "POST") {
    request.body = call.body;
    request.set_header("Content-Type", call.content_type);
  }

  int status = 0;
  std::string body;
  bool too_large = false, ended_by_us = false, too_late = false;
  const auto until = SteadyClock::now() + call.deadline;
  request.response_handler = [&](const httplib::Response& head) {
    status = head.status;
    return true;
  };
  std::size_t total = 0;
  auto last_progress = SteadyClock::now();
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    last_progress = SteadyClock::now();
    total += size;
    too_large = total > call.max_response_bytes;
    too_late = SteadyClock::now() > until;
    if (too_large || too_late) {
      return false;
    }
    if (call.on_body && status >= 200 && status < 300) {
      ended_by_us = !call.on_body({data, size});
      return !ended_by_us;
    }
    body.append(data, size);
    return true;
  };

  if (stop.stop_requested()) {
    throw HttpError(HttpError::Kind::stopped, "the program is stopping");
  }
  CallGuard guard(until, stop);
  client.set_socket_options([&](socket_t fd) { guard.take(fd); });
  const auto result = client.send(request);
  // A body without a length looks complete when its connection is shut down.
  const bool ended_by_guard = guard.ended() && !ended_by_us;
  if ((!result && !ended_by_us) || ended_by_guard) {
    if (stop.stop_requested()) {
      throw HttpError(HttpError::Kind::stopped, "the program is stopping");
    }
    if (ended_by_guard) {
      throw HttpError(HttpError::Kind::timeout, origin + " gave no complete answer in time");
    }
    if (too_large) {
      throw HttpError(HttpError::Kind::too_large, "the answer of " + origin + " is too large");
    }
    const auto now = SteadyClock::now() + milliseconds(50);  // timers may end a little early
    const auto waited_long = now >= until || now >= last_progress + call.read_timeout;
    switch (result.error()) {
      case httplib::Error::Connection:
      case httplib::Error::BindIPAddress:
      case httplib::Error::ConnectionTimeout:
        throw HttpError(HttpError::Kind::connect, "no connection to " + origin);
      case httplib::Error::SSLConnection:
      case httplib::Error::SSLLoadingCerts:
      case httplib::Error::SSLServerVerification:
        throw HttpError(HttpError::Kind::connect, "no trusted TLS connection to " + origin);
      case httplib::Error::Read:
        throw HttpError(too_late || waited_long ? HttpError::Kind::timeout : HttpError::Kind::broken,
                        origin + " broke off or did not answer in time");
      default:
        throw HttpError(too_late ? HttpError::Kind::timeout : HttpError::Kind::broken,
                        origin + " gave no complete answer (" + httplib::to_string(result.error()) + ")");
    }
  }
  HttpResponse response;
  response.status = result ? result->status : status;
  response.body = std::move(body);
  if (result) {
    for (const auto& [name, value] : result->headers) {
      response.headers.add(name, value);
    }
    response.content_type = result->get_header_value("Content-Type");
  }
  return response;
}

}  // namespace base

// The files named http_*_httplib.cpp alone include <httplib.h>.
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
/// httplib's stop() would block for as long as a connection is being made, and its timeouts restart with
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

httplib::Request request_of(const HttpCall& call, const std::string& target) {
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
  return request;
}

/// What has come of the response, and why no more of it is read.
class Incoming {
 public:
  Incoming(const HttpCall& call, SteadyClock::time_point until) : call_(call), until_(until) {}

  void head(const httplib::Response& head) { status_ = head.status; }

  /// Takes a piece of the body; false ends the call.
  bool piece(const char* data, std::size_t size) {
    last_progress_ = SteadyClock::now();
    total_ += size;
    too_large_ = total_ > call_.max_response_bytes;
    too_late_ = SteadyClock::now() > until_;
    if (too_large_ || too_late_) {
      return false;
    }
    if (call_.on_body && status_ >= 200 && status_ < 300) {
      ended_by_caller_ = !call_.on_body({data, size});
      return !ended_by_caller_;
    }
    body_.append(data, size);
    return true;
  }

  bool ended_by_caller() const { return ended_by_caller_; }

  /// The error where there is no response to give.
  HttpError failure(const std::string& origin, httplib::Error error) const {
    using Kind = HttpError::Kind;
    if (too_large_) {
      return {Kind::too_large, "the response of " + origin + " is too large"};
    }
    const auto now = SteadyClock::now() + milliseconds(50);  // timers may end a little early
    const auto waited_long = now >= until_ || now >= last_progress_ + call_.read_timeout;
    switch (error) {
      case httplib::Error::Connection:
      case httplib::Error::BindIPAddress:
      case httplib::Error::ConnectionTimeout:
        return {Kind::connect, "no connection to " + origin};
      case httplib::Error::SSLConnection:
      case httplib::Error::SSLLoadingCerts:
      case httplib::Error::SSLServerVerification:
        return {Kind::connect, "no trusted TLS connection to " + origin};
      case httplib::Error::Read:
        return {too_late_ || waited_long ? Kind::timeout : Kind::broken,
                origin + " closed the connection or did not respond in time"};
      default:
        return {too_late_ ? Kind::timeout : Kind::broken,
                origin + " did not send a complete response (" + httplib::to_string(error) + ")"};
    }
  }

  /// `result` is empty where the caller ended the call.
  HttpResponse response(const httplib::Result& result) {
    HttpResponse response;
    response.status = result ? result->status : status_;
    response.body = std::move(body_);
    if (result) {
      for (const auto& [name, value] : result->headers) {
        response.headers.add(name, value);
      }
      response.content_type = result->get_header_value("Content-Type");
    }
    return response;
  }

 private:
  const HttpCall& call_;
  const SteadyClock::time_point until_;
  SteadyClock::time_point last_progress_ = SteadyClock::now();
  int status_ = 0;
  std::string body_;
  std::size_t total_ = 0;
  bool too_large_ = false;
  bool too_late_ = false;
  bool ended_by_caller_ = false;
};

HttpError stopped() {
  return {HttpError::Kind::stopped, "the program is stopping"};
}

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

  auto request = request_of(call, target);
  const auto until = SteadyClock::now() + call.deadline;
  Incoming incoming(call, until);
  request.response_handler = [&](const httplib::Response& head) {
    incoming.head(head);
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    return incoming.piece(data, size);
  };

  if (stop.stop_requested()) {
    throw stopped();
  }
  CallGuard guard(until, stop);
  client.set_socket_options([&](socket_t fd) { guard.take(fd); });
  const auto result = client.send(request);
  // A body without a length looks complete when its connection is shut down.
  const bool ended_by_guard = guard.ended() && !incoming.ended_by_caller();
  if (ended_by_guard || (!result && !incoming.ended_by_caller())) {
    if (stop.stop_requested()) {
      throw stopped();
    }
    if (ended_by_guard) {
      throw HttpError(HttpError::Kind::timeout, origin + " did not send a complete response in time");
    }
    throw incoming.failure(origin, result.error());
  }
  return incoming.response(result);
}

}  // namespace base

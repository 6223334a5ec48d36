#include "base/http_connection.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

namespace base {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kWritableWithin{5'000};

template <typename Function>
HttpConnection::Address address_of(int fd, Function function) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  char host[NI_MAXHOST], service[NI_MAXSERV];
  if (function(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&storage), size, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return {host, std::atoi(service)};
}

}  // namespace

HttpConnection::HttpConnection(int fd, const HttpServer::Options& options)
    : fd_(fd), options_(options), started_(SteadyClock::now()) {}

bool HttpConnection::is_readable() const {
  return wait(POLLIN, read_deadline());
}

bool HttpConnection::is_writable() const {
  return wait(POLLOUT, SteadyClock::now() + kWritableWithin);
}

ssize_t HttpConnection::read(char* data, std::size_t size) {
  if (begin_ == end_ && !fill()) {
    return -1;
  }
  if (begin_ == end_) {
    return 0;
  }
  const auto n = std::min(size, end_ - begin_);
  std::memcpy(data, buffer_ + begin_, n);
  begin_ += n;
  return static_cast<ssize_t>(n);
}

ssize_t HttpConnection::write(const char* data, std::size_t size) {
  if (taken_over_) {
    return static_cast<ssize_t>(size);
  }
  const auto until = SteadyClock::now() + options_.request_deadline;
  std::size_t done = 0;
  while (done < size) {
    const auto n = ::send(fd_, data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      done += static_cast<std::size_t>(n);
    } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (!wait(POLLOUT, until)) {
        return -1;
      }
    } else {
      return -1;
    }
  }
  return static_cast<ssize_t>(size);
}

HttpConnection::Address HttpConnection::remote_address() const {
  return address_of(fd_, ::getpeername);
}

HttpConnection::Address HttpConnection::local_address() const {
  return address_of(fd_, ::getsockname);
}

SteadyClock::time_point HttpConnection::read_deadline() const {
  return started_ + (header_complete_ ? options_.request_deadline : options_.header_deadline);
}

bool HttpConnection::wait(short events, SteadyClock::time_point until) const {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(until - SteadyClock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd p{fd_, events, 0};
    const int n = ::poll(&p, 1, static_cast<int>(left));
    if (n > 0) {
      return true;
    }
    if (n == 0 || errno != EINTR) {
      return false;
    }
  }
}

bool HttpConnection::fill() {
  const auto limit =
      options_.max_header_bytes + (header_complete_ ? options_.max_body_bytes + sizeof buffer_ : 0);
  if (total_ >= limit || !wait(POLLIN, read_deadline())) {
    close_after_ = true;
    return false;
  }
  const auto n = ::recv(fd_, buffer_, sizeof buffer_, 0);
  if (n < 0) {
    close_after_ = true;
    return false;
  }
  begin_ = 0;
  end_ = static_cast<std::size_t>(n);
  total_ += end_;
  return true;
}

}  // namespace base

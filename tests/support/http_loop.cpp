#include "tests/support/http_loop.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace support {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// The number behind "content-length:" in a head, whose names come in any case.
std::size_t length_in(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    const auto line = head.substr(at + 1, kName.size());
    if (line.size() == kName.size() &&
        std::equal(line.begin(), line.end(), kName.begin(),
                   [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; })) {
      auto value = head.substr(at + 1 + kName.size());
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      std::size_t length = 0;
      std::from_chars(value.data(), value.data() + value.size(), length);
      return length;
    }
  }
  return 0;
}

}  // namespace

HttpLoop::HttpLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
HttpLoop::~HttpLoop() = default;

int HttpLoop::listen(Handler handler) {
  base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(fd.get(), 1024) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd.get()}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
  const int number = fd.get();
  listeners_[number] = {std::move(fd), std::make_unique<Handler>(std::move(handler))};
  return ntohs(address.sin_port);
}

int HttpLoop::connect(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error("no connection to 127.0.0.1:" + std::to_string(port));
  }
  add(fd, nullptr);
  return fd;
}

void HttpLoop::add(int fd, const Handler* handler) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  auto& connection = connections_[fd] = std::make_unique<Connection>();
  connection->fd = base::Fd(fd);
  connection->handler = handler;
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void HttpLoop::accept(int fd, const Handler& handler) {
  for (int next = 0; (next = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    ++accepted_;
    add(next, &handler);
  }
}

void HttpLoop::send(int connection, std::string request, Answered answered) {
  auto& to = *connections_.at(connection);
  to.answered = std::move(answered);
  to.sent = Clock::now();
  to.out = std::move(request);
  flush(to);
}

void HttpLoop::hang_up() {
  std::erase_if(connections_, [](const auto& entry) { return entry.second->handler == nullptr; });
}

void HttpLoop::flush(Connection& connection) {
  // What goes out is smaller than a socket's buffer.
  while (!connection.out.empty()) {
    const auto sent = ::send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    connection.out.erase(0, static_cast<std::size_t>(sent));
  }
}

void HttpLoop::step(std::chrono::milliseconds timeout) {
  epoll_event events[128];
  const int count = ::epoll_wait(epoll_.get(), events, 128, static_cast<int>(timeout.count()));
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (const auto listener = listeners_.find(fd); listener != listeners_.end()) {
      accept(fd, *listener->second.second);
    } else if (const auto found = connections_.find(fd); found != connections_.end()) {
      read(*found->second);
    }
  }
}

void HttpLoop::read(Connection& connection) {
  char buffer[64 * 1024];
  const auto got = ::recv(connection.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got > 0) {
    connection.in.append(buffer, static_cast<std::size_t>(got));
    take_messages(connection);
    return;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  const auto answered = std::move(connection.answered);
  const auto sent = connection.sent;
  connections_.erase(connection.fd.get());
  if (answered) {
    ++broken_;
    answered(0, sent);
  }
}

void HttpLoop::take_messages(Connection& connection) {
  for (;;) {
    const auto head = connection.in.find("\r\n\r\n");
    if (head == std::string::npos) {
      return;
    }
    const std::string_view all = connection.in;
    const auto length = length_in(all.substr(0, head));
    if (all.size() < head + 4 + length) {
      return;
    }
    if (connection.handler != nullptr) {
      const auto line = all.substr(0, all.find("\r\n"));
      const auto path = line.substr(line.find(' ') + 1);
      connection.out = (*connection.handler)(path.substr(0, path.find(' ')), all.substr(head + 4, length));
      flush(connection);
      connection.in.erase(0, head + 4 + length);
      continue;
    }
    int status = 0;
    std::from_chars(all.data() + 9, all.data() + 12, status);
    connection.in.erase(0, head + 4 + length);
    const auto answered = std::exchange(connection.answered, nullptr);
    if (answered) {
      answered(status, connection.sent);
    }
    return;
  }
}

}  // namespace support

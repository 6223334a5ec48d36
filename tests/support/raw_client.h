#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/utf8.h"

namespace support {

/// A TCP client that sends what it is told, be it HTTP or not.
class RawClient {
 public:
  static constexpr std::chrono::seconds kPatience{60};

  /// `from`: the address of ours that it connects from, where it matters; all of 127.0.0.0/8 are.
  explicit RawClient(int port, const char* from = nullptr)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (from != nullptr) {
      ::inet_pton(AF_INET, from, &address.sin_addr);
      if (::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw std::system_error(errno, std::generic_category(), from);
      }
    }
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }

  /// False where the server no longer takes anything. Stops early when it has answered.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd p{fd_.get(), POLLIN | POLLOUT, 0};
      if (::poll(&p, 1, 10'000) <= 0 || (p.revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
        return false;
      }
      const auto n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Reads until `text` is in what was received. False at the end of the connection or of the patience.
  bool read_until(std::string_view text) {
    const auto until = SteadyClock::now() + kPatience;
    std::size_t from = 0;
    while (received_.find(text, from) == std::string::npos) {
      from = received_.size() - std::min(received_.size(), text.size());
      if (ended_ || !read_some(until)) {
        return false;
      }
    }
    return true;
  }

  /// Whether the server ends the connection within the patience.
  bool read_to_end() {
    const auto until = SteadyClock::now() + kPatience;
    while (!ended_) {
      if (!read_some(until)) {
        break;
      }
    }
    return ended_;
  }

  /// The status of the response whose head and body (by its Content-Length) are read and taken away; 0: none
  /// came.
  int read_response(std::string* body = nullptr) {
    if (!read_until("\r\n\r\n")) {
      return 0;
    }
    const auto head_size = received_.find("\r\n\r\n") + 4;
    const auto head = base::ascii_lower(received_.substr(0, head_size));
    std::size_t length = 0;
    if (const auto at = head.find("\r\ncontent-length:"); at != std::string::npos) {
      length = static_cast<std::size_t>(std::atoi(head.c_str() + at + 17));
    }
    const auto until = SteadyClock::now() + kPatience;
    while (received_.size() < head_size + length && !ended_ && read_some(until)) {
    }
    if (body != nullptr) {
      *body = received_.substr(head_size, length);
    }
    last_head_ = head;
    received_.erase(0, std::min(received_.size(), head_size + length));
    return std::atoi(head.c_str() + std::min<std::size_t>(head.size(), 9));
  }

  /// Whether the server has ended the connection, without waiting for it.
  bool is_ended() {
    while (!ended_ && read_some(SteadyClock::now() + std::chrono::milliseconds(1))) {
    }
    return ended_;
  }

  /// The same without reading anything.
  bool is_gone() const {
    pollfd p{fd_.get(), POLLRDHUP, 0};
    return ::poll(&p, 1, 0) > 0;
  }

  /// Sends no more, and may still read.
  void end_input() { ::shutdown(fd_.get(), SHUT_WR); }

  const std::string& received() const { return received_; }
  const std::string& last_head() const { return last_head_; }

 private:
  using SteadyClock = std::chrono::steady_clock;

  bool read_some(SteadyClock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    pollfd p{fd_.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&p, 1, static_cast<int>(left)) <= 0) {
      return false;
    }
    char buffer[4096];
    const auto n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n <= 0) {
      ended_ = true;
      return n == 0;
    }
    received_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  base::Fd fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
  std::string last_head_;
};

}  // namespace support

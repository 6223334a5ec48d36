#include "tests/support/program/notify_socket.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/support/wait.h"

namespace support {
namespace {

bool has_line(const std::string& datagram, const std::string& line) {
  return ("\n" + datagram).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

NotifySocket::NotifySocket(const std::string& name)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    throw std::runtime_error("the name of the socket is too long: " + name);
  }
  std::memcpy(address.sun_path, name.data(), name.size());
  const bool is_abstract = name.front() == '@';
  if (is_abstract) {
    address.sun_path[0] = '\0';
  }
  const auto length = offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) !=
      0) {
    throw std::runtime_error("cannot bind the socket " + name);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      char bytes[4096];
      if (::poll(&waiting, 1, 20) == 1) {
        const auto size = ::recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
        datagrams_.with([&](auto& all) { all.emplace_back(bytes, size > 0 ? size : 0); });
      }
    }
  });
}

NotifySocket::~NotifySocket() = default;

std::vector<std::string> NotifySocket::all() {
  return datagrams_.with([](const auto& all) { return all; });
}

int NotifySocket::count(const std::string& line) {
  const auto datagrams = all();
  return static_cast<int>(std::count_if(datagrams.begin(), datagrams.end(),
                                        [&](const auto& datagram) { return has_line(datagram, line); }));
}

bool NotifySocket::wait_for(const std::string& line, int times) {
  return wait_until([&] { return count(line) >= times; });
}

}  // namespace support

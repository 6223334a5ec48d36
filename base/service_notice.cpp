// Own code, since the protocol is a datagram and libsystemd would be a dependency of every build.
#include "base/service_notice.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <system_error>

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

namespace base {
namespace {

constexpr std::chrono::seconds kPatience{2};

std::string take(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value != nullptr ? value : "";
  ::unsetenv(name);
  return text;
}

std::optional<long long> number(const std::string& text) {
  long long value = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

/// CLOCK_MONOTONIC, with which the manager tells this reload from an earlier one.
long long monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

ServiceNotice ServiceNotice::from_environment() {
  ServiceNotice notice;
  notice.socket_ = take("NOTIFY_SOCKET");
  const auto us = number(take("WATCHDOG_USEC"));
  const auto pid = take("WATCHDOG_PID");
  if (us && *us > 0 && (pid.empty() || number(pid) == ::getpid())) {
    notice.watchdog_ = std::chrono::microseconds(*us);
  }
  return notice;
}

void ServiceNotice::ready(std::string_view status) const {
  send(fmt::format("READY=1\nSTATUS={}\n", status));
}

void ServiceNotice::reloading() const {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", monotonic_us()));
}

void ServiceNotice::stopping(std::chrono::seconds within) const {
  send(fmt::format("STOPPING=1\nSTATUS=stopping\nEXTEND_TIMEOUT_USEC={}\n",
                   std::chrono::microseconds(within).count()));
}

void ServiceNotice::feed_watchdog() const {
  send("WATCHDOG=1\n");
}

void ServiceNotice::send(std::string_view lines) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) {
    return;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  auto length = offsetof(sockaddr_un, sun_path) + socket_.size();
  if (socket_.front() == '@') {
    address.sun_path[0] = '\0';  // a name in the abstract namespace, which no zero ends
  } else {
    ++length;
  }
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // A manager that does not read must not stop us.
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::sendto(socket.get(), lines.data(), lines.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)) < 0) {
    log_warning("the service manager cannot be told: {}", std::system_category().message(errno));
  }
}

}  // namespace base

#include "base/http_idle_connections.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/heartbeat.h"

namespace base {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxPendingBytesPerStream = 1024 * 1024;
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::milliseconds kLongestWait{1'000};
/// How long one turn of the loop may take, for the watchdog.
constexpr std::chrono::milliseconds kLongestTurn{1'000};
constexpr std::uint32_t kReadable = EPOLLIN | EPOLLRDHUP;

}  // namespace

HttpIdleConnections::HttpIdleConnections(Limits limits, OnReadable on_readable)
    : limits_(limits),
      on_readable_(std::move(on_readable)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_.valid() || !wake_.valid()) {
    throw_errno("cannot watch connections");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

HttpIdleConnections::~HttpIdleConnections() {
  stop();
}

void HttpIdleConnections::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  pthread_setname_np(thread_.native_handle(), "http events");
}

void HttpIdleConnections::close_to_new() {
  const std::lock_guard lock(mutex_);
  closed_to_new_ = true;
}

void HttpIdleConnections::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    wake();
    thread_.join();
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [fd, connection] : connections_) {
    ::close(fd);
  }
  connections_.clear();
}

void HttpIdleConnections::add(int fd, std::string topic) {
  const std::lock_guard lock(mutex_);
  if (closed_to_new_ || connections_.size() >= limits_.max_connections) {
    ::close(fd);
    return;
  }
  connections_[fd] = Connection{std::move(topic), {}, SteadyClock::now()};
  epoll_event event{};
  event.events = kReadable;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    connections_.erase(fd);
    ::close(fd);
  }
}

void HttpIdleConnections::publish(const std::string& topic, std::string_view data) {
  std::string frame = "data: ";
  frame.append(data).append("\n\n");
  const std::lock_guard lock(mutex_);
  for (auto& [fd, connection] : connections_) {
    if (connection.topic == topic) {
      send_or_drop(fd, connection, frame);
    }
  }
  wake();
}

std::size_t HttpIdleConnections::open_streams() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                                [](const auto& c) { return !c.second.topic.empty(); }));
}

void HttpIdleConnections::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof one);
}

void HttpIdleConnections::watch_for(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

// What the socket does not take now waits for EPOLLOUT.
void HttpIdleConnections::send_or_drop(int fd, Connection& connection, std::string_view bytes) {
  if (connection.broken) {
    return;
  }
  if (connection.pending.empty()) {
    const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
      connection.broken = true;
      return;
    }
    bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
  }
  if (bytes.empty()) {
    return;
  }
  connection.pending.append(bytes);
  connection.broken = connection.pending.size() > kMaxPendingBytesPerStream;
  watch_for(fd, kReadable | EPOLLOUT);
}

void HttpIdleConnections::forget(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  connections_.erase(fd);
}

void HttpIdleConnections::on_event(int fd, std::uint32_t events) {
  const std::lock_guard lock(mutex_);
  const auto it = connections_.find(fd);
  if (it == connections_.end()) {
    return;
  }
  auto& connection = it->second;
  if (connection.topic.empty() && (events & EPOLLIN) != 0 && (events & (EPOLLHUP | EPOLLERR)) == 0) {
    forget(fd);
    if (closed_to_new_) {
      ::close(fd);
    } else {
      on_readable_(fd);
    }
    return;
  }
  if (!connection.topic.empty() && (events & EPOLLIN) != 0) {
    char dropped[512];  // the reader of a stream has nothing more to say; its end shows here
    const auto n = ::recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
    connection.broken = connection.broken || n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
  }
  if ((events & EPOLLOUT) != 0 && !connection.broken) {
    const auto pending = std::exchange(connection.pending, {});
    watch_for(fd, kReadable);
    send_or_drop(fd, connection, pending);
  }
  if (connection.broken || (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) {
    forget(fd);
    ::close(fd);
  }
}

void HttpIdleConnections::watch(const std::stop_token& stop) {
  auto next_heartbeat = SteadyClock::now() + kHeartbeat;
  Heartbeat heart("http events");
  while (!stop.stop_requested()) {
    heart.beat(kLongestWait + kLongestTurn);
    epoll_event events[64];
    const int n = ::epoll_wait(epoll_.get(), events, 64, kLongestWait.count());
    for (int i = 0; i < n; ++i) {
      if (events[i].data.fd == wake_.get()) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto size = ::read(wake_.get(), &count, sizeof count);
      } else {
        on_event(events[i].data.fd, events[i].events);
      }
    }
    sweep(next_heartbeat);
  }
}

void HttpIdleConnections::sweep(SteadyClock::time_point& next_heartbeat) {
  const auto now = SteadyClock::now();
  const bool beat = now >= next_heartbeat;
  if (beat) {
    next_heartbeat = now + kHeartbeat;
  }
  const std::lock_guard lock(mutex_);
  std::vector<int> ended;
  for (auto& [fd, connection] : connections_) {
    if (beat && !connection.topic.empty()) {
      send_or_drop(fd, connection, ": still here\n\n");
    }
    if (connection.broken || (connection.topic.empty() && now - connection.since > limits_.idle_deadline)) {
      ended.push_back(fd);
    }
  }
  for (const int fd : ended) {
    forget(fd);
    ::close(fd);
  }
}

}  // namespace base

#include "base/http_connections.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/heartbeat.h"
#include "base/network.h"

namespace base {
namespace {

constexpr std::size_t kPiece = 32 * 1024;
/// Of one connection before the others have their turn.
constexpr std::size_t kAtOnce = 256 * 1024;
/// What a client may still send that has its last response, so that it can read it.
constexpr std::size_t kMaxDropped = 16 * 1024 * 1024;
constexpr int kAcceptAtOnce = 64;
constexpr std::chrono::milliseconds kLongestWait{1'000};
/// How long one turn of the loop may take, for the watchdog.
constexpr std::chrono::milliseconds kLongestTurn{1'000};
/// An incomplete request that holds less is not worth ending.
constexpr std::size_t kWorthEnding = 4096;
constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

std::uint64_t tag(int fd, std::uint32_t id) {
  return (std::uint64_t{id} << 32) | static_cast<std::uint32_t>(fd);
}

bool watch_descriptor(int epoll, int fd, std::uint32_t id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag(fd, id);
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

std::string text_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  }
  return plain_address(text);
}

HttpAdmission::Limits admission_limits(const HttpServer::Options& options) {
  HttpAdmission::Limits limits{
      options.max_connections, options.max_incomplete_per_address, options.max_incomplete_per_proxy, {}};
  std::transform(options.trusted_proxies.begin(), options.trusted_proxies.end(),
                 std::back_inserter(limits.proxies), [](const auto& proxy) { return plain_address(proxy); });
  return limits;
}

Fd open_spare() {
  return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

HttpConnections::HttpConnections(const HttpServer::Options& options, OnRequest on_request)
    : options_(options),
      limits_{options.max_header_bytes, options.max_body_bytes},
      max_held_bytes_(std::max(options.max_request_bytes, 2 * options.max_body_bytes)),
      on_request_(std::move(on_request)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(open_spare()),
      admission_(admission_limits(options)) {
  if (!epoll_.valid() || !wake_.valid() || !watch_descriptor(epoll_.get(), wake_.get(), 0, EPOLLIN)) {
    throw_errno("cannot watch connections");
  }
}

HttpConnections::~HttpConnections() {
  stop();
}

void HttpConnections::start(Fd listener) {
  {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
    ::fcntl(listener_.get(), F_SETFL, ::fcntl(listener_.get(), F_GETFL) | O_NONBLOCK);
    watch_descriptor(epoll_.get(), listener_.get(), 0, EPOLLIN);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  pthread_setname_np(thread_.native_handle(), "http events");
}

void HttpConnections::close_to_new() {
  const std::lock_guard lock(mutex_);
  closed_to_new_ = true;
  listener_.reset();
}

void HttpConnections::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof one);
}

void HttpConnections::watch(const std::stop_token& stop) {
  Heartbeat heart("http events");
  while (!stop.stop_requested()) {
    heart.beat(kLongestWait + kLongestTurn);
    epoll_event events[64];
    const int n = ::epoll_wait(epoll_.get(), events, 64, kLongestWait.count());
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < n; ++i) {
      const auto fd = static_cast<int>(events[i].data.u64 & 0xffffffffU);
      if (fd == wake_.get()) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto size = ::read(fd, &count, sizeof count);
      } else if (fd == listener_.get()) {
        accept_new();
      } else {
        on_event(fd, static_cast<std::uint32_t>(events[i].data.u64 >> 32), events[i].events);
      }
      bound_requests();
    }
    read_ready();
    sweep();
  }
}

void HttpConnections::on_event(int fd, std::uint32_t id, std::uint32_t events) {
  const auto it = connections_.find(fd);
  if (it == connections_.end() || it->second.id != id) {
    return;
  }
  auto& connection = it->second;
  const bool came = (events & (EPOLLIN | EPOLLRDHUP)) != 0;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    connection.broken = true;
    if (connection.phase != Phase::at_work) {
      remove(fd);
    }
    return;
  }
  switch (connection.phase) {
    case Phase::reading:
      if (came) {
        // The end of the input gives no event of its own when it comes along with the last bytes.
        connection.readable = connection.readable || (events & EPOLLRDHUP) != 0;
        read_some(fd, connection);
      }
      return;
    case Phase::at_work:
      connection.readable = connection.readable || came;
      return;
    case Phase::writing:
      connection.readable = connection.readable || came;
      on_writable(fd, connection);
      return;
    case Phase::leaving:
      drop_input(fd, connection);
      return;
    case Phase::stream:
      if (!send_pending(fd, connection)) {
        remove(fd);
      } else if (came) {
        drop_input(fd, connection);  // its reader has nothing more to say; its end shows here
      }
      return;
  }
}

void HttpConnections::accept_new() {
  for (int i = 0; i < kAcceptAtOnce && listener_.valid(); ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      add(fd, text_of(address));
    } else if (errno == EMFILE || errno == ENFILE) {
      // Others in this program have taken the reserve. Whoever waits must not keep us busy.
      if (const auto oldest = admission_.oldest()) {
        remove(*oldest);
      } else {
        spare_.reset();
        Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)).reset();
        spare_ = open_spare();
        return;
      }
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
  }
}

void HttpConnections::add(int fd, std::string address) {
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const auto id = next_id_++;
  next_id_ = std::max<std::uint32_t>(next_id_, 1);
  auto& connection = connections_.try_emplace(fd, limits_, id).first->second;
  admission_.add(fd, address);
  connection.address = std::move(address);
  if (!watch_descriptor(epoll_.get(), fd, id, kEvents)) {
    remove(fd);
    return;
  }
  if (const auto surplus = admission_.surplus(fd)) {
    remove(*surplus);
  }
}

void HttpConnections::remove(int fd) {
  const auto it = connections_.find(fd);
  if (!it->second.pending.empty()) {
    // Whoever does not read shall not have the kernel hold it either.
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  account(it->second, 0);
  clear_pending(it->second);
  streams_.erase(fd);
  admission_.remove(fd);
  connections_.erase(it);
  ::close(fd);
}

void HttpConnections::read_some(int fd, Connection& connection) {
  const auto id = connection.id;
  for (std::size_t read = 0; read < kAtOnce; read += kPiece) {
    if (!receive(fd, connection)) {
      return;
    }
  }
  ready_.emplace_back(fd, id);
}

/// Whether there may be more to read now.
bool HttpConnections::receive(int fd, Connection& connection) {
  char piece[kPiece];
  const auto n = ::recv(fd, piece, sizeof piece, MSG_DONTWAIT);
  if (n > 0) {
    const auto size = static_cast<std::size_t>(n);
    connection.reader.feed(std::string_view(piece, size));
    const bool more = size == sizeof piece || connection.readable;
    return on_input(fd, connection) && more;
  }
  if (n == 0) {
    connection.ended = true;
    input_ended(fd, connection);
  } else if (errno == EAGAIN || errno == EINTR) {
    connection.readable = false;
  } else {
    remove(fd);
  }
  return false;
}

/// Whether it goes on reading.
bool HttpConnections::on_input(int fd, Connection& connection) {
  using State = HttpRequestReader::State;
  account(connection, connection.reader.held_bytes());
  switch (connection.reader.state()) {
    case State::none:
      return true;
    case State::head:
    case State::body:
      if (!std::exchange(connection.begun, true)) {
        connection.since = SteadyClock::now();
        admission_.become(fd, HttpAdmission::Kind::incomplete);
        if (const auto surplus = admission_.surplus(fd)) {
          remove(*surplus);
          if (*surplus == fd) {
            return false;
          }
        }
      }
      if (connection.reader.take_go_ahead()) {
        constexpr std::string_view kGoAhead = "HTTP/1.1 100 Continue\r\n\r\n";
        ::send(fd, kGoAhead.data(), kGoAhead.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      }
      return true;
    case State::complete:
      hand_on(fd, connection);
      return false;
    case State::refused:
      refuse(fd, connection, connection.reader.refusal());
      return false;
  }
  return false;
}

void HttpConnections::hand_on(int fd, Connection& connection) {
  if (closed_to_new_) {
    remove(fd);
    return;
  }
  connection.phase = Phase::at_work;
  connection.begun = false;
  admission_.become(fd, HttpAdmission::Kind::busy);
  on_request_({fd, connection.reader.take(), connection.address, SteadyClock::now()});
}

void HttpConnections::refuse(int fd, Connection& connection, const HttpRefusal& refusal) {
  const auto body = HttpResponse::error(refusal.status, refusal.sentence).body;
  const auto status = std::to_string(refusal.status);
  if (options_.on_refusal) {
    options_.on_refusal(refusal.status, connection.reader.target());
  }
  connection.after = After::close;
  connection.readable = true;  // the rest of the request
  write_out(fd, connection,
            "HTTP/1.1 " + status + " Refused\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body,
            0);
}

void HttpConnections::input_ended(int fd, Connection& connection) {
  if (connection.reader.state() == HttpRequestReader::State::none) {
    remove(fd);
  } else {
    refuse(fd, connection, {400, "The request ended early."});
  }
}

void HttpConnections::drop_input(int fd, Connection& connection) {
  char piece[kPiece];
  for (std::size_t read = 0; read < kAtOnce; read += kPiece) {
    const auto n = ::recv(fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    connection.dropped += n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n <= 0 || connection.dropped > kMaxDropped) {
      remove(fd);
      return;
    }
  }
  ready_.emplace_back(fd, connection.id);
}

void HttpConnections::read_ready() {
  for (const auto& [fd, id] : std::exchange(ready_, {})) {
    const auto it = connections_.find(fd);
    if (it == connections_.end() || it->second.id != id) {
      continue;
    }
    auto& connection = it->second;
    if (connection.phase == Phase::leaving || connection.phase == Phase::stream) {
      drop_input(fd, connection);
    } else if (connection.phase == Phase::reading) {
      connection.reader.feed({});
      if (on_input(fd, connection)) {
        read_some(fd, connection);
      }
    }
  }
  bound_requests();
  if (!ready_.empty()) {
    wake();
  }
}

void HttpConnections::account(Connection& connection, std::size_t held) {
  held_bytes_ = held_bytes_ - connection.held + held;
  connection.held = held;
}

void HttpConnections::bound_requests() {
  while (held_bytes_ > max_held_bytes_) {
    // The oldest: a good sender is complete soon. What is at work is given back by its worker.
    std::optional<int> chosen;
    for (const auto& [age, fd] : admission_.incomplete()) {
      const auto& connection = connections_.at(fd);
      if (connection.phase == Phase::reading && connection.held >= kWorthEnding) {
        chosen = fd;
        break;
      }
    }
    if (!chosen) {
      return;
    }
    refuse(*chosen, connections_.at(*chosen), {503, "Too much is coming in at once; please try again."});
  }
}

}  // namespace base

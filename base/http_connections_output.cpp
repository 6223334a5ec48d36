#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "base/http_connections.h"

namespace base {
namespace {

using std::chrono::seconds;

/// So much has to be taken within the deadline of a response.
constexpr std::size_t kProgress = 16 * 1024;
constexpr std::size_t kMaxPendingOfStream = 1024 * 1024;
/// What the kernel holds for a stream, instead of the megabytes that it would grow to.
constexpr int kStreamBuffer = 64 * 1024;
constexpr seconds kHeartbeat{10};
/// A comment would do for proxies, but a page does not see one.
constexpr std::string_view kAlive = "event: alive\ndata: {}\n\n";
constexpr std::size_t kMostOfOneKind = 256;
constexpr std::string_view kEnded = "event: ended\ndata: {}\n\n";
constexpr seconds kSweep{1};
constexpr seconds kLeaveWithin{2};
constexpr seconds kLastResponses{1};

/// "page:ada#17" is of the kind "page:ada".
std::string_view kind_of(std::string_view topic) {
  return topic.substr(0, topic.find('#'));
}

/// How much the peer took at once; nothing: the connection is broken.
std::optional<std::size_t> send_now(int fd, std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return std::nullopt;
    }
  }
  return sent;
}

}  // namespace

void HttpConnections::respond(int fd, std::string response, After after) {
  // Without the lock: nobody else closes or writes to a connection that is at work.
  const auto taken = send_now(fd, response);
  const std::lock_guard lock(mutex_);
  auto& connection = connections_.at(fd);
  account(connection, 0);
  if (!taken || connection.broken) {
    remove(fd);
    return;
  }
  connection.after = closed_to_new_ ? After::close : after;
  write_out(fd, connection, std::move(response), *taken);
  bound_responses();
}

void HttpConnections::open_stream(int fd, const std::string& head, std::string topic) {
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kStreamBuffer, sizeof kStreamBuffer);
  // Who has read the head may count on every event from then on, so none is published before the stream is
  // listed.
  const std::lock_guard lock(mutex_);
  const auto taken = send_now(fd, head);
  auto& connection = connections_.at(fd);
  account(connection, 0);
  // The buffer of a new connection takes a head; whose does not is not read.
  if (taken != head.size() || connection.broken || closed_to_new_ || connection.ended) {
    remove(fd);
    return;
  }
  connection.phase = Phase::stream;
  connection.topic = std::move(topic);
  streams_.insert(fd);
  end_oldest_like(connection.topic);
  if (streams_.size() > std::max<std::size_t>(options_.max_connections / 2, 1)) {
    const auto oldest = std::min_element(streams_.begin(), streams_.end(), [this](int a, int b) {
      return connections_.at(a).id < connections_.at(b).id;
    });
    remove(*oldest);
  }
  if (connections_.contains(fd)) {
    ready_.emplace_back(fd, connections_.at(fd).id);
    wake();
  }
}

/// One for each that there is too many, and never the newest: a page knows by its last event that it should
/// not come back by itself.
void HttpConnections::end_oldest_like(std::string_view topic) {
  const auto kind = kind_of(topic);
  std::vector<int> alike;
  std::copy_if(streams_.begin(), streams_.end(), std::back_inserter(alike),
               [&](int fd) { return kind_of(connections_.at(fd).topic) == kind; });
  std::sort(alike.begin(), alike.end(),
            [this](int a, int b) { return connections_.at(a).id < connections_.at(b).id; });
  for (std::size_t i = 0; i + kMostOfOneKind < alike.size(); ++i) {
    send_event(alike[i], connections_.at(alike[i]), kEnded);
    remove(alike[i]);
  }
}

void HttpConnections::publish(const std::string& topic, std::string_view data) {
  std::string frame = "data: ";
  frame.append(data).append("\n\n");
  const std::lock_guard lock(mutex_);
  const std::vector<int> streams(streams_.begin(), streams_.end());
  for (const int fd : streams) {
    const auto it = connections_.find(fd);
    if (it == connections_.end() || it->second.topic != topic) {
      continue;
    }
    send_event(fd, it->second, frame);
    if (event_bytes_ > options_.max_event_bytes) {
      bound_streams();  // at once: a long event for many that do not read would be held for all of them
    }
  }
  bound_streams();
}

std::size_t HttpConnections::open_streams() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

void HttpConnections::stop() {
  if (thread_.joinable()) {
    const auto until = SteadyClock::now() + kLastResponses;
    const auto is_writing = [this] {
      const std::lock_guard lock(mutex_);
      return std::any_of(connections_.begin(), connections_.end(), [](const auto& c) {
        return c.second.phase == Phase::writing || c.second.phase == Phase::leaving;
      });
    };
    while (is_writing() && SteadyClock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    thread_.request_stop();
    wake();
    thread_.join();
  }
  const std::lock_guard lock(mutex_);
  closed_to_new_ = true;
  listener_.reset();
  while (!connections_.empty()) {
    remove(connections_.begin()->first);
  }
}

void HttpConnections::write_out(int fd, Connection& connection, std::string bytes, std::size_t taken) {
  connection.phase = Phase::writing;
  connection.since = SteadyClock::now();
  if (taken == bytes.size()) {
    written(fd, connection);
    return;
  }
  response_bytes_ += bytes.size();
  connection.pending = std::move(bytes);
  connection.taken = connection.noted = taken;
  on_writable(fd, connection);  // room made since the first try gave no event
}

bool HttpConnections::send_pending(int fd, Connection& connection) {
  const auto sent = send_now(fd, std::string_view(connection.pending).substr(connection.taken));
  if (!sent) {
    connection.broken = true;
    return false;
  }
  connection.taken += *sent;
  if (connection.taken - connection.noted >= kProgress) {
    connection.noted = connection.taken;
    connection.since = SteadyClock::now();
  }
  if (connection.taken == connection.pending.size()) {
    clear_pending(connection);
  }
  return true;
}

void HttpConnections::on_writable(int fd, Connection& connection) {
  if (!send_pending(fd, connection)) {
    remove(fd);
  } else if (connection.phase == Phase::writing && connection.pending.empty()) {
    written(fd, connection);
  }
}

void HttpConnections::written(int fd, Connection& connection) {
  if (connection.after == After::close) {
    if (connection.readable || connection.reader.has_more()) {
      leave(fd, connection);
    } else {
      remove(fd);
    }
    return;
  }
  connection.phase = Phase::reading;
  connection.since = SteadyClock::now();
  admission_.become(fd, HttpAdmission::Kind::idle);
  if (connection.readable || connection.reader.has_more()) {
    ready_.emplace_back(fd, connection.id);
    wake();
  }
}

/// A connection that is closed over unread bytes is reset, and the response may be lost with it.
void HttpConnections::leave(int fd, Connection& connection) {
  ::shutdown(fd, SHUT_WR);
  account(connection, 0);
  connection.phase = Phase::leaving;
  connection.since = SteadyClock::now();
  admission_.become(fd, HttpAdmission::Kind::incomplete);
  ready_.emplace_back(fd, connection.id);
  wake();
}

void HttpConnections::add_pending(Connection& connection, std::string_view bytes) {
  event_bytes_ += bytes.size();
  connection.pending.append(bytes);
}

void HttpConnections::clear_pending(Connection& connection) {
  (connection.phase == Phase::stream ? event_bytes_ : response_bytes_) -= connection.pending.size();
  std::string().swap(connection.pending);  // an assignment would keep the memory
  connection.taken = connection.noted = 0;
}

void HttpConnections::send_event(int fd, Connection& connection, std::string_view bytes) {
  if (connection.broken) {
    return;
  }
  if (connection.pending.empty()) {
    const auto sent = send_now(fd, bytes);
    connection.broken = !sent;
    bytes.remove_prefix(sent.value_or(bytes.size()));
  }
  if (!bytes.empty()) {
    add_pending(connection, bytes);
    connection.broken = connection.pending.size() > kMaxPendingOfStream || !send_pending(fd, connection);
  }
}

void HttpConnections::bound_streams() {
  std::vector<int> ended;
  std::copy_if(streams_.begin(), streams_.end(), std::back_inserter(ended),
               [this](int fd) { return connections_.at(fd).broken; });
  for (const int fd : ended) {
    remove(fd);
  }
  while (event_bytes_ > options_.max_event_bytes) {
    const auto slowest = std::max_element(streams_.begin(), streams_.end(), [this](int a, int b) {
      return connections_.at(a).pending.size() < connections_.at(b).pending.size();
    });
    remove(*slowest);
  }
}

void HttpConnections::bound_responses() {
  while (response_bytes_ > options_.max_response_bytes) {
    auto slowest = connections_.end();
    for (auto it = connections_.begin(); it != connections_.end(); ++it) {
      if (it->second.phase == Phase::writing &&
          (slowest == connections_.end() || it->second.since < slowest->second.since)) {
        slowest = it;
      }
    }
    if (slowest == connections_.end()) {
      return;
    }
    remove(slowest->first);
  }
}

bool HttpConnections::is_overdue(const Connection& connection, SteadyClock::time_point now) const {
  const auto waited = now - connection.since;
  switch (connection.phase) {
    case Phase::reading:
      return waited > (!connection.begun ? options_.idle_deadline
                       : connection.reader.state() == HttpRequestReader::State::body
                           ? options_.request_deadline
                           : options_.header_deadline);
    case Phase::writing:
      return waited > options_.response_deadline;
    case Phase::leaving:
      return waited > kLeaveWithin;
    case Phase::at_work:
    case Phase::stream:
      return false;
  }
  return false;
}

void HttpConnections::sweep() {
  const auto now = SteadyClock::now();
  if (now < next_sweep_) {
    return;
  }
  next_sweep_ = now + kSweep;
  std::vector<int> overdue;
  for (const auto& [fd, connection] : connections_) {
    if (is_overdue(connection, now)) {
      overdue.push_back(fd);
    }
  }
  for (const int fd : overdue) {
    if (auto& connection = connections_.at(fd); connection.phase == Phase::reading && connection.begun) {
      refuse(fd, connection, {408, "The request arrived too slowly."});
    } else {
      remove(fd);
    }
  }
  if (now >= next_heartbeat_) {
    next_heartbeat_ = now + kHeartbeat;
    for (const int fd : streams_) {
      send_event(fd, connections_.at(fd), kAlive);
    }
    bound_streams();
  }
}

}  // namespace base

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "base/http.h"
#include "base/http_admission.h"
#include "base/http_request_reader.h"

namespace base {

/// A request that is complete, and the connection that waits for its response.
struct ReceivedRequest {
  int fd = -1;
  HttpRequestReader::Request request;
  std::string remote_address;
  std::chrono::steady_clock::time_point received_at;
};

/// All connections of a server, and the thread ("http events") that accepts them, reads requests from them,
/// watches those that are idle, writes what a peer did not take at once, and keeps the event streams. Owns
/// the descriptors. Thread rule: start() and stop() from one thread, the rest from any.
class HttpConnections {
 public:
  /// Called in the thread of this object, under its lock: it must only hand the request on. Whoever gets it
  /// calls respond() or open_stream() once.
  using OnRequest = std::function<void(ReceivedRequest)>;
  enum class After { keep, close };

  /// `options` must outlive it. Throws std::system_error.
  HttpConnections(const HttpServer::Options& options, OnRequest on_request);
  ~HttpConnections();
  HttpConnections(const HttpConnections&) = delete;
  HttpConnections& operator=(const HttpConnections&) = delete;

  /// Accepts from `listener` from now on.
  void start(Fd listener);
  /// From now on no connection is accepted, and no request is handed on.
  void close_to_new();
  /// Lets responses go out for a moment, ends the thread and closes every connection. Idempotent.
  void stop();

  /// Sends `response`; does not wait for a peer that does not take it.
  void respond(int fd, std::string response, After after);
  /// Sends `head`, then keeps the connection open for what is published to `topic`. Of topics that are alike
  /// before a "#" at most 256 streams are open: the oldest makes room with an event of the name "ended".
  /// Every ten seconds each stream gets one of the name "alive", so that a page knows a dead one by its
  /// silence.
  void open_stream(int fd, const std::string& head, std::string topic);

  /// See HttpServer.
  void publish(const std::string& topic, std::string_view data);
  std::size_t open_streams() const;

 private:
  using SteadyClock = std::chrono::steady_clock;
  enum class Phase {
    reading,  ///< waits for a request or for the rest of one
    at_work,  ///< a worker has its request, and may write to it
    writing,  ///< the peer has not taken all of the response
    leaving,  ///< it has its last response; what it still sends is dropped
    stream
  };
  struct Connection {
    Connection(const HttpRequestReader::Limits& limits, std::uint32_t number) : reader(limits), id(number) {}

    HttpRequestReader reader;
    const std::uint32_t id;  ///< tells an old event on this descriptor from one of this connection
    Phase phase = Phase::reading;
    After after = After::keep;
    bool readable = false;  ///< something came while nobody looked
    bool ended = false;     ///< the peer sends no more
    bool broken = false;
    bool begun = false;    ///< a request has begun that is not complete
    std::size_t held = 0;  ///< bytes of requests, as they are counted in held_bytes_
    std::string address;
    std::string topic;
    std::string pending;                                 ///< what the peer did not take yet
    std::size_t taken = 0;                               ///< of `pending`
    std::size_t noted = 0;                               ///< of `taken`, at `since`
    std::size_t dropped = 0;                             ///< while leaving
    SteadyClock::time_point since = SteadyClock::now();  ///< of the phase, the request or the last progress
  };

  void watch(const std::stop_token& stop);
  void wake();
  // With mutex_ held; `connection` may be gone afterwards unless it says otherwise.
  void on_event(int fd, std::uint32_t id, std::uint32_t events);
  void accept_new();
  void add(int fd, std::string address);
  void remove(int fd);
  void read_some(int fd, Connection& connection);
  bool receive(int fd, Connection& connection);
  bool on_input(int fd, Connection& connection);
  void hand_on(int fd, Connection& connection);
  void refuse(int fd, Connection& connection, const HttpRefusal& refusal);
  void input_ended(int fd, Connection& connection);
  void drop_input(int fd, Connection& connection);
  void read_ready();
  void account(Connection& connection, std::size_t held);  ///< it stays
  void bound_requests();
  // In http_connections_output.cpp, the same:
  void write_out(int fd, Connection& connection, std::string bytes, std::size_t taken);
  bool send_pending(int fd, Connection& connection);  ///< false: broken; it stays
  void on_writable(int fd, Connection& connection);
  void written(int fd, Connection& connection);
  void leave(int fd, Connection& connection);
  void add_pending(Connection& connection, std::string_view bytes);         ///< it stays
  void clear_pending(Connection& connection);                               ///< it stays
  void send_event(int fd, Connection& connection, std::string_view bytes);  ///< it stays
  void end_oldest_like(std::string_view topic);
  void bound_streams();
  void bound_responses();
  void sweep();
  bool is_overdue(const Connection& connection, SteadyClock::time_point now) const;

  const HttpServer::Options& options_;
  const HttpRequestReader::Limits limits_;
  const std::size_t max_held_bytes_;
  const OnRequest on_request_;
  Fd epoll_;
  Fd wake_;
  Fd spare_;  ///< given up for a moment where no descriptor is left
  mutable std::mutex mutex_;
  Fd listener_;
  HttpAdmission admission_;
  std::unordered_map<int, Connection> connections_;
  std::set<int> streams_;
  std::vector<std::pair<int, std::uint32_t>> ready_;  ///< to be read without an event
  std::uint32_t next_id_ = 1;
  std::size_t held_bytes_ = 0;
  std::size_t response_bytes_ = 0;
  std::size_t event_bytes_ = 0;
  SteadyClock::time_point next_heartbeat_ = SteadyClock::now();
  SteadyClock::time_point next_sweep_{};
  bool closed_to_new_ = false;
  std::jthread thread_;
};

}  // namespace base

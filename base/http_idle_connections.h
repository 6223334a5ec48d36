#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/fd.h"

namespace base {

/// The connections that occupy no worker: those that wait for their next request, and the event streams. One
/// thread ("http events") watches them all with epoll. Owns the descriptors it was given. Thread rule:
/// start() and stop() from one thread, the rest from any.
class HttpIdleConnections {
 public:
  struct Limits {
    std::chrono::milliseconds idle_deadline;  ///< until the next request; event streams stay open
    std::size_t max_connections;
  };
  /// Takes ownership of a connection that has something to read. Called in the thread of this object, under
  /// its lock: it must only hand the descriptor on.
  using OnReadable = std::function<void(int fd)>;

  /// Throws std::system_error.
  HttpIdleConnections(Limits limits, OnReadable on_readable);
  ~HttpIdleConnections();
  HttpIdleConnections(const HttpIdleConnections&) = delete;
  HttpIdleConnections& operator=(const HttpIdleConnections&) = delete;

  void start();
  /// From now on `on_readable` is not called, and what is added is closed.
  void close_to_new();
  /// Ends the thread and closes every connection. Idempotent.
  void stop();

  /// Waits for the next request on it.
  void add(int fd) { add(fd, {}); }
  /// Keeps it open for what is published to `topic`, which is not empty.
  void add_event_stream(int fd, std::string topic) { add(fd, std::move(topic)); }

  /// See HttpServer.
  void publish(const std::string& topic, std::string_view data);
  std::size_t open_streams() const;

 private:
  struct Connection {
    std::string topic;    ///< empty: it waits for a request
    std::string pending;  ///< what the socket did not take yet
    std::chrono::steady_clock::time_point since;
    bool broken = false;
  };

  void add(int fd, std::string topic);
  void watch(const std::stop_token& stop);
  void on_event(int fd, std::uint32_t events);
  void sweep(std::chrono::steady_clock::time_point& next_heartbeat);
  void wake();
  // With mutex_ held:
  void watch_for(int fd, std::uint32_t events);
  void send_or_drop(int fd, Connection& connection, std::string_view bytes);
  void forget(int fd);

  const Limits limits_;
  const OnReadable on_readable_;
  Fd epoll_;
  Fd wake_;
  mutable std::mutex mutex_;
  std::unordered_map<int, Connection> connections_;
  bool closed_to_new_ = false;
  std::jthread thread_;
};

}  // namespace base

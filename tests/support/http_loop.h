#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace support {

/// Many HTTP/1.1 connections, in and out, in one thread that costs little: the other end of the program that
/// is measured. It takes only what that program and the peer send: a length, no chunks. Thread rule: one
/// thread.
class HttpLoop {
 public:
  using Clock = std::chrono::steady_clock;
  /// Gets the status and when the request was sent.
  using Answered = std::function<void(int status, Clock::time_point sent)>;
  /// Gets the body; what it returns is sent as it is, nothing where it is empty: that call never ends.
  using Handler = std::function<std::string(std::string_view path, std::string_view body)>;

  HttpLoop();
  ~HttpLoop();

  /// Answers on a free port of 127.0.0.1, which is returned.
  int listen(Handler handler);
  /// A connection of a client; the number is for send().
  int connect(int port);
  /// Sends a whole request, and calls `answered` for its response. One at a time for each connection.
  void send(int connection, std::string request, Answered answered);
  /// Ends all connections of clients; what was sent by them is answered to nobody.
  void hang_up();
  /// Waits for what happens, for so long at most, and handles it.
  void step(std::chrono::milliseconds timeout);

  /// How many connections its listeners got.
  std::size_t accepted() const { return accepted_; }
  std::size_t broken() const { return broken_; }

 private:
  struct Connection {
    base::Fd fd;
    std::string in, out;
    const Handler* handler = nullptr;  ///< of a server
    Answered answered;                 ///< of a client
    Clock::time_point sent;
  };

  void add(int fd, const Handler* handler);
  void accept(int fd, const Handler& handler);
  void read(Connection& connection);
  void flush(Connection& connection);
  void take_messages(Connection& connection);

  base::Fd epoll_;
  std::map<int, std::pair<base::Fd, std::unique_ptr<Handler>>> listeners_;
  std::map<int, std::unique_ptr<Connection>> connections_;
  std::size_t accepted_ = 0;
  std::size_t broken_ = 0;
};

}  // namespace support

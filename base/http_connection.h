#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <sys/types.h>

#include "base/http.h"

namespace base {

/// A connection while a worker serves a request on it. Reading ends at a deadline and at a number of bytes,
/// neither of which Debian's httplib 0.11 enforces for headers, chunked bodies and bodies without a length
/// (docs/decisions/0002). Does not own the descriptor. Thread rule: one thread.
class HttpConnection {
 public:
  HttpConnection(int fd, const HttpServer::Options& options);

  bool is_readable() const;
  bool is_writable() const;

  /// At most `size` bytes; 0 at the end of the input; -1 past the deadline or the limit, or on an error.
  ssize_t read(char* data, std::size_t size);
  /// All of it, or -1 if the peer does not take it in time. After take_over() it discards the bytes.
  ssize_t write(const char* data, std::size_t size);

  struct Address {
    std::string ip;
    int port = -1;
  };
  Address remote_address() const;
  Address local_address() const;
  int fd() const { return fd_; }

  /// From now on the deadline and the size limit of the body apply.
  void header_complete() { header_complete_ = true; }

  /// httplib's response is discarded; the connection becomes an event stream.
  void take_over() { taken_over_ = true; }
  bool taken_over() const { return taken_over_; }

  bool has_buffered_input() const { return begin_ != end_; }

  /// The rest of the request stays unread, so what follows is not a request: the connection ends with the
  /// response.
  void close_after() { close_after_ = true; }
  bool must_close() const { return close_after_; }

 private:
  std::chrono::steady_clock::time_point read_deadline() const;
  bool wait(short events, std::chrono::steady_clock::time_point until) const;
  bool fill();

  int fd_;
  const HttpServer::Options& options_;
  std::chrono::steady_clock::time_point started_;
  char buffer_[8192];
  std::size_t begin_ = 0, end_ = 0, total_ = 0;
  bool header_complete_ = false;
  bool taken_over_ = false;
  bool close_after_ = false;
};

}  // namespace base

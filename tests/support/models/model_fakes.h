#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/http.h"
#include "tests/support/loopback_server.h"

namespace support {

/// A model's server that gives these responses in turn and the last one for ever.
/// Thread rule: any thread.
class ScriptedModel {
 public:
  explicit ScriptedModel(std::vector<base::HttpResponse> responses);

  std::string url() const { return server_.url(); }
  /// What was asked so far.
  std::vector<base::HttpRequest> requests() const { return server_.requests(); }

 private:
  std::atomic<std::size_t> next_ = 0;
  const std::vector<base::HttpResponse> responses_;
  LoopbackServer server_;
};

/// Hands every request on to another server, without the wish for a stream: a server that ignores `stream`.
class NeverStreams {
 public:
  explicit NeverStreams(std::string upstream);
  std::string url() const { return server_.url(); }

 private:
  LoopbackServer server_;
};

/// A connection that is taken and then goes wrong: what it is given is sent as it is, byte by byte, whatever
/// was asked. Thread rule: one thread.
class BrokenModel {
 public:
  enum class Then {
    close,        ///< the connection ends there
    stay_silent,  ///< nothing follows
    trickle       ///< `drop` follows every 20 ms
  };
  BrokenModel(std::string bytes, Then then, std::string drop = "");
  ~BrokenModel();

  std::string url() const;
  /// Whether `count` connections were taken within 10 s.
  bool wait_for_connections(int count);
  int connections() const;

 private:
  void serve(const std::stop_token& stop);

  const std::string bytes_;
  const Then then_;
  const std::string drop_;
  base::Fd listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int connections_ = 0;
  std::jthread thread_;
};

/// An address whose connections are neither taken nor refused, like that of a machine behind a firewall.
class UnansweredAddress {
 public:
  UnansweredAddress();
  std::string url() const;

 private:
  base::Fd listener_;
  std::vector<base::Fd> waiting_;
  int port_ = 0;
};

/// An address of this machine where nobody listens.
std::string refusing_url();

/// Response heads for BrokenModel.
std::string event_stream_head();
std::string chunk(const std::string& bytes);

}  // namespace support

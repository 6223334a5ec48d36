#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/guarded.h"

namespace support {

/// The socket of a service manager such as systemd, which takes what a service tells it by sd_notify(3).
/// Thread rule: any thread.
class NotifySocket {
 public:
  /// Bound to that name: a path, or "@name" in the abstract namespace.
  explicit NotifySocket(const std::string& name);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// Every datagram so far, as it came.
  std::vector<std::string> all();
  /// How many of them have that line.
  int count(const std::string& line);
  /// Waits until `line` has come so many times.
  bool wait_for(const std::string& line, int times = 1);

 private:
  base::Fd socket_;
  base::Guarded<std::vector<std::string>> datagrams_;
  std::jthread thread_;
};

}  // namespace support

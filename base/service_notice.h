#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// What the program tells the service manager that started it: the datagrams of sd_notify(3), as systemd and
/// others take them. Nothing is said, and nothing fails, where nobody listens. Thread rule: any thread.
class ServiceNotice {
 public:
  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and takes them out of the environment: they are for
  /// this process alone, not for a specialist. To be called before other threads begin.
  static ServiceNotice from_environment();

  /// It takes requests (again). `status` is a sentence for whoever asks the manager.
  void ready(std::string_view status) const;
  /// It reads its configuration; ready() follows.
  void reloading() const;
  /// It ends, and will have ended within that time, which replaces the manager's own patience.
  void stopping(std::chrono::seconds within) const;

  /// How long the manager waits for feed_watchdog() before it takes the program for stuck; none: it does not.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }
  void feed_watchdog() const;

 private:
  void send(std::string_view lines) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace base

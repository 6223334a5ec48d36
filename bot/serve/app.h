#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/runtime/services.h"
#include "bot/runtime/settings.h"
#include "store/database.h"

namespace bot::serve {

/// The whole program: built from the configuration, owning everything. main() starts one; functional tests
/// start it in their own process. Thread rule: one thread.
class App {
 public:
  /// Takes the database's ServeLock, opens everything and binds the address, but takes no request yet.
  /// Throws base::ConfigError, or std::runtime_error where the system refuses, such as a port in use.
  explicit App(const runtime::Flags& flags);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Recovers what an earlier process left, starts the workers and takes requests.
  void start();

  /// Reads routing, access and budgets again. A bad file leaves the old settings in force and is logged.
  void reload();

  /// Takes no more requests, gives running work `shutdown_grace_s`, ends every child. Idempotent.
  void stop();
  /// How long stop() takes at most.
  std::chrono::seconds longest_stop() const;

  int port() const;
  /// Where the chat page is, with its token.
  std::string page_address() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bot::serve

#pragma once

#include <string>

#include "base/clock.h"
#include "base/http.h"
#include "bot/demo/model.h"

namespace bot::serve {

/// "http://127.0.0.1:8787", with brackets where the host is of IPv6.
std::string url_of(const std::string& host, int port);

/// The scripted model on an address of its own, so that the CLI and the secretary reach it as they reach any
/// other. Thread rule: one thread.
class DemoServer {
 public:
  /// Takes requests until the end of the object.
  explicit DemoServer(const base::Clock& clock);
  ~DemoServer();
  DemoServer(const DemoServer&) = delete;
  DemoServer& operator=(const DemoServer&) = delete;

  std::string address() const { return url_of("127.0.0.1", server_.port()); }
  const std::string& key() const { return key_; }

 private:
  const std::string key_;
  demo::DemoModel model_;
  base::HttpServer server_;
};

}  // namespace bot::serve

#include "bot/serve/demo_server.h"

#include <fmt/core.h>

#include "base/id.h"

namespace bot::serve {
namespace {

/// Claude Code's requests carry the whole conversation.
constexpr std::size_t kDemoMaxBody = 64 * 1024 * 1024;

}  // namespace

std::string url_of(const std::string& host, int port) {
  return fmt::format("http://{}:{}", host.find(':') != std::string::npos ? "[" + host + "]" : host, port);
}

DemoServer::DemoServer(const base::Clock& clock)
    : key_(base::random_hex(16)),
      model_({.api_key = key_}, clock),
      server_({.threads = 4, .max_body_bytes = kDemoMaxBody, .max_connections = 64},
              [this](const base::HttpRequest& request) { return model_.handle(request); }) {
  server_.start();
}

DemoServer::~DemoServer() {
  model_.stop();
  server_.stop();
}

}  // namespace bot::serve

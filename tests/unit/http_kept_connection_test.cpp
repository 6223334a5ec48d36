#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>

#include "base/http.h"
#include "tests/support/http_loop.h"
#include "tests/support/loopback_server.h"

namespace {

using std::chrono::milliseconds;

/// A server that keeps its connections and answers each request with these bytes.
class KeepingServer {
 public:
  explicit KeepingServer(std::string bytes)
      : port_(loop_.listen([bytes = std::move(bytes)](std::string_view, std::string_view) { return bytes; })),
        thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            loop_.step(milliseconds(10));
            accepted_ = loop_.accepted();
          }
        }) {}

  base::HttpResponse call(std::function<bool(std::string_view)> on_body = {}) const {
    base::HttpCall call;
    call.url = support::loopback_url(port_) + "/";
    call.body = "{}";
    call.on_body = std::move(on_body);
    return base::http_call(call);
  }
  std::size_t connections() const {
    std::this_thread::sleep_for(milliseconds(50));
    return accepted_;
  }

 private:
  support::HttpLoop loop_;
  const int port_;
  std::atomic<std::size_t> accepted_ = 0;
  std::jthread thread_;
};

std::string answer(const std::string& fields = {}) {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nword";
}

TEST_CASE("threaded: calls one after the other use one connection, calls at once one each") {
  const KeepingServer server(answer());
  for (int i = 0; i < 5; ++i) {
    CHECK(server.call().body == "word");
  }
  CHECK(server.connections() == 1);
  {
    std::jthread other([&] { server.call(); });
    server.call();
  }
  CHECK(server.connections() <= 2);
}

TEST_CASE("threaded: a connection that its server means to close is not used again") {
  for (const auto* field : {"Connection: close\r\n", "Keep-Alive: timeout=1\r\n"}) {
    const KeepingServer server(answer(field));
    server.call();
    server.call();
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("threaded: a caller who has what it wants leaves a connection that can be used again") {
  const KeepingServer server(answer());
  for (int i = 0; i < 3; ++i) {
    CHECK(server.call([](std::string_view) { return false; }).status == 200);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("threaded: a server that goes on when the caller has what it wants is left at once") {
  // Promises more than it sends.
  const KeepingServer server("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nword");
  for (int i = 0; i < 2; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    CHECK(server.call([](std::string_view) { return false; }).status == 200);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(8));
  }
  CHECK(server.connections() == 2);
}

}  // namespace

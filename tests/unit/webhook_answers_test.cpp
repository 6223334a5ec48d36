// What a callback of the generic webhook says by its status line, whatever its body does.
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/fd.h"
#include "bot/platforms/webhook/platform.h"
#include "config/config_file.h"
#include "tests/support/loopback_server.h"
#include "tests/support/store_fixture.h"

namespace {

/// Answers each call with these bytes, and keeps the connection open.
class OpenEnded {
 public:
  explicit OpenEnded(std::string bytes) : bytes_(std::move(bytes)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd_.get(), 4) == 0);
    REQUIRE(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  std::string url() const { return support::loopback_url(port_) + "/"; }

 private:
  void serve(const std::stop_token& stop) {
    std::vector<base::Fd> open;
    while (!stop.stop_requested()) {
      pollfd p{fd_.get(), POLLIN, 0};
      if (::poll(&p, 1, 20) <= 0) {
        continue;
      }
      open.emplace_back(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const auto n = ::recv(open.back().get(), buffer, sizeof buffer, 0);
        if (n <= 0) {
          break;
        }
        request.append(buffer, static_cast<std::size_t>(n));
      }
      ::send(open.back().get(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
    }
  }

  const std::string bytes_;
  base::Fd fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port_ = 0;
  std::jthread thread_;
};

struct Fixture : support::StoreFixture {
  std::string deliver_to(const std::string& url, store::CallKind kind = store::CallKind::message) {
    folder.write("ops.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    const auto toml = "secret = \"file:ops.secret\"\ncallback_url = \"" + url + "\"\n";
    const auto platform = bot::webhook::platform_type().make(
        config::parse_config(toml, "frontdesk.toml", folder.path()), {"ops", "", clock});
    store::OutgoingCall call;
    call.key = "msg_1";
    call.chat_id = "c-1";
    call.kind = kind;
    store::MessageParts parts(db);
    return platform->deliver(call, parts, clock.now(), {});
  }
};

TEST_CASE_FIXTURE(Fixture, "threaded: a call is delivered with a status of 2xx, whatever its body does") {
  for (
      const std::string answer :
      {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnothing of the kind\r\n",
       "HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\n",
       "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
       "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
       "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"}) {
    CAPTURE(answer);
    const OpenEnded callback(answer);
    CHECK(deliver_to(callback.url()) == "msg_1");
  }
}

TEST_CASE_FIXTURE(Fixture, "threaded: another status counts without its body, too") {
  const OpenEnded refuses("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
  CHECK_THROWS_AS(deliver_to(refuses.url()), base::PermanentError);
  const OpenEnded later("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 429 Later\r\nRetry-After: 7\r\n\r\n");
  try {
    deliver_to(later.url());
    FAIL("delivered");
  } catch (const base::TransientError& error) {
    CHECK(error.retry_after == std::chrono::milliseconds(7'000));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "threaded: an edit of what the callback does not know is told apart from what it refuses") {
  const OpenEnded callback("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  CHECK_THROWS_AS(deliver_to(callback.url(), store::CallKind::edit), bot::chat::Gone);
  const OpenEnded another("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  try {
    deliver_to(another.url());
    FAIL("delivered");
  } catch (const bot::chat::Gone&) {
    FAIL("a new message changes nothing");
  } catch (const base::PermanentError&) {
  }
}

}  // namespace

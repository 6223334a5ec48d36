#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/http.h"
#include "tests/support/loopback_server.h"

namespace base {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// A socket that listens on a free port of the loopback.
struct Listener {
  explicit Listener(int backlog = 16) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd.get(), backlog) == 0);
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }

  std::string url() const { return support::loopback_url(port) + "/path?q=1"; }

  Fd fd;
  int port = 0;
};

/// Takes connections one after the other, reads each request's head and lets `answer` do what it likes with
/// the socket, which is closed afterwards. `answer` should end when `stop` is asked for.
class ByteServer {
 public:
  using Answer = std::function<void(int fd, std::stop_token stop)>;
  explicit ByteServer(Answer answer)
      : answer_(std::move(answer)), thread_([this](std::stop_token stop) { serve(stop); }) {}

  /// Answers every request with these bytes.
  explicit ByteServer(std::string bytes)
      : ByteServer([bytes = std::move(bytes)](int fd, const std::stop_token&) { write(fd, bytes); }) {}

  std::string url() const { return listener_.url(); }

  /// The head, and what came of the body with it, of the last request.
  std::string request() {
    const std::lock_guard lock(mutex_);
    return request_;
  }

  static bool write(int fd, std::string_view bytes) {
    return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  static void stay_silent(std::stop_token stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(5ms);
    }
  }

 private:
  void serve(std::stop_token stop) {
    while (!stop.stop_requested()) {
      pollfd p{listener_.fd.get(), POLLIN, 0};
      if (::poll(&p, 1, 20) <= 0) {
        continue;
      }
      const Fd client(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const auto n = ::recv(client.get(), buffer, sizeof buffer, 0);
        if (n <= 0) {
          break;
        }
        request.append(buffer, static_cast<std::size_t>(n));
      }
      {
        const std::lock_guard lock(mutex_);
        request_ = request;
      }
      answer_(client.get(), stop);
      // A close with unread input would be a reset, which may overtake what was sent.
      ::shutdown(client.get(), SHUT_WR);
      pollfd rest{client.get(), POLLIN, 0};
      while (!stop.stop_requested() && ::poll(&rest, 1, 1000) > 0 &&
             ::recv(client.get(), buffer, sizeof buffer, 0) > 0) {
      }
    }
  }

  const Answer answer_;
  Listener listener_;
  std::mutex mutex_;
  std::string request_;
  std::jthread thread_;
};

HttpCall call_to(const std::string& url) {
  HttpCall call;
  call.url = url;
  call.body = "{}";
  return call;
}

/// The kind of HttpError that the call ends with; nothing where a response came.
std::optional<HttpError::Kind> failure_of(const HttpCall& call, std::stop_token stop = {}) {
  try {
    http_call(call, std::move(stop));
  } catch (const HttpError& e) {
    CHECK_FALSE(std::string(e.what()).empty());
    return e.kind;
  }
  return std::nullopt;
}

TEST_CASE("threaded: a response comes with status, headers and body, whatever the status") {
  ByteServer server(
      "HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Type: text/plain\r\nContent-Length: "
      "4\r\n\r\nwait");
  auto call = call_to(server.url());
  call.headers.add("X-Key", "value");
  const auto response = http_call(call);
  CHECK(response.status == 429);
  CHECK(response.body == "wait");
  CHECK(response.content_type == "text/plain");
  CHECK(retry_after(response) == 7s);
  CHECK(server.request().starts_with("POST /path?q=1 HTTP/1.1\r\n"));
  CHECK(server.request().find("X-Key: value\r\n") != std::string::npos);
}

TEST_CASE("threaded: an address reaches its server as it is, but for what stands in none") {
  ByteServer server("HTTP/1.1 204 No Content\r\n\r\n");
  const auto url = server.url();
  const auto origin = url.substr(0, url.find('/', 8));
  http_call(call_to(origin + "/a;b,c+d/%2F?x=1+2,3;4&y={\xc3\xa9}"));
  CHECK(server.request().starts_with("POST /a;b,c+d/%2F?x=1+2,3;4&y=%7b%c3%a9%7d HTTP/1.1\r\n"));
}

TEST_CASE("threaded: interim responses are passed over") {
  for (const std::string interim : {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                                    "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"}) {
    CAPTURE(interim);
    ByteServer server(interim + "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nslow");
    int told = 0;
    auto call = call_to(server.url());
    call.on_head = [&](const HttpResponse& head) { told = head.status; };
    const auto response = http_call(call);
    CHECK(response.status == 429);
    CHECK(told == 429);
    CHECK(response.headers.get("Retry-After") == "7");
    CHECK(response.body == "slow");
  }
  // The connection stays open, so that only the length tells the end.
  ByteServer open([](int fd, const std::stop_token& stop) {
    ByteServer::write(fd, "HTTP/1.1 103 Early Hints\r\n\r\n");
    ByteServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    ByteServer::stay_silent(stop);
  });
  CHECK(http_call(call_to(open.url())).body == "ok");
  ByteServer only("HTTP/1.1 103 Early Hints\r\n\r\n");
  CHECK(failure_of(call_to(only.url())) == HttpError::Kind::broken);
}

TEST_CASE("threaded: a connection that is refused is Kind::connect") {
  std::string url;
  {
    const Listener listener;
    url = listener.url();
  }
  CHECK(failure_of(call_to(url)) == HttpError::Kind::connect);
}

TEST_CASE("a host that does not exist is Kind::connect") {
  CHECK(failure_of(call_to("http://no-such-host.invalid/")) == HttpError::Kind::connect);
}

TEST_CASE("threaded: a server that stays silent is Kind::timeout") {
  ByteServer server([](int, std::stop_token stop) { ByteServer::stay_silent(stop); });
  auto call = call_to(server.url());
  SUBCASE("by the longest silence") {
    call.read_timeout = 200ms;
  }
  SUBCASE("by the deadline of the call") {
    call.deadline = 200ms;
  }
  const auto started = SteadyClock::now();
  CHECK(failure_of(call) == HttpError::Kind::timeout);
  CHECK(SteadyClock::now() - started < 5s);
}

TEST_CASE("threaded: a body that drips ends at the deadline") {
  const auto drip = [](const std::string& head) {
    return [head](int fd, const std::stop_token& stop) {
      ByteServer::write(fd, head);
      while (!stop.stop_requested() && ByteServer::write(fd, "x")) {
        std::this_thread::sleep_for(10ms);
      }
    };
  };
  std::string head;
  SUBCASE("with a length") {
    head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  }
  SUBCASE("without a length") {
    head = "HTTP/1.1 200 OK\r\n\r\n";
  }
  SUBCASE("in its header") {
    head = "HTTP/1.1 200 OK\r\nX-Long: ";
  }
  ByteServer server(drip(head));
  auto call = call_to(server.url());
  call.deadline = 300ms;
  const auto started = SteadyClock::now();
  CHECK(failure_of(call) == HttpError::Kind::timeout);
  CHECK(SteadyClock::now() - started >= 250ms);
  CHECK(SteadyClock::now() - started < 5s);
}

TEST_CASE("threaded: a stop request interrupts a call at once") {
  std::atomic<bool> asked = false;
  ByteServer server([&](int fd, std::stop_token stop) {
    ByteServer::write(fd, "HTTP/1.1 200 OK\r\n\r\nfirst");
    asked = true;
    ByteServer::stay_silent(stop);
  });
  std::stop_source source;
  std::jthread stopper([&] {
    while (!asked) {
      std::this_thread::sleep_for(1ms);
    }
    source.request_stop();
  });
  const auto started = SteadyClock::now();
  CHECK(failure_of(call_to(server.url()), source.get_token()) == HttpError::Kind::stopped);
  CHECK(SteadyClock::now() - started < 8s);
}

TEST_CASE("threaded: a stop request interrupts a connection that is being made") {
  // With its backlog full the kernel leaves further connections unanswered.
  const Listener listener(0);
  std::vector<Fd> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(listener.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int begun = ::connect(fillers.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    CHECK((begun == 0 || errno == EINPROGRESS));
  }
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  const auto started = SteadyClock::now();
  CHECK(failure_of(call_to(listener.url()), source.get_token()) == HttpError::Kind::stopped);
  CHECK(SteadyClock::now() - started < 8s);
}

TEST_CASE("a call after the stop request is not made") {
  std::stop_source source;
  source.request_stop();
  CHECK(failure_of(call_to("http://127.0.0.1:1/"), source.get_token()) == HttpError::Kind::stopped);
}

TEST_CASE("threaded: a response over the limit is Kind::too_large") {
  std::string head;
  SUBCASE("with a length") {
    head = "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n";
  }
  SUBCASE("without a length") {
    head = "HTTP/1.1 200 OK\r\n\r\n";
  }
  ByteServer server(head + std::string(2000, 'x'));
  auto call = call_to(server.url());
  call.max_response_bytes = 1999;
  CHECK(failure_of(call) == HttpError::Kind::too_large);
  call.max_response_bytes = 2000;
  CHECK_FALSE(failure_of(call).has_value());
}

TEST_CASE("threaded: a response that breaks off is Kind::broken") {
  std::string bytes;
  SUBCASE("before anything came") {
    bytes = "";
  }
  SUBCASE("in its header") {
    bytes = "HTTP/1.1 200 OK\r\nConte";
  }
  SUBCASE("in a body with a length") {
    bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  }
  SUBCASE("in a chunked body") {
    bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal";
  }
  SUBCASE("between chunks") {
    bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n";
  }
  SUBCASE("being no HTTP") {
    bytes = "SSH-2.0-OpenSSH\r\n";
  }
  ByteServer server(bytes);
  CHECK(failure_of(call_to(server.url())) == HttpError::Kind::broken);
}

TEST_CASE("threaded: on_body gets the pieces as they come") {
  std::atomic<bool> first_seen = false;
  ByteServer server([&](int fd, const std::stop_token& stop) {
    ByteServer::write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    while (!first_seen && !stop.stop_requested()) {
      std::this_thread::sleep_for(1ms);
    }
    ByteServer::write(fd, "6\r\nsecond\r\n0\r\n\r\n");
  });
  auto call = call_to(server.url());
  std::string pieces;
  call.on_body = [&](std::string_view piece) {
    pieces += piece;
    first_seen = true;
    return true;
  };
  const auto response = http_call(call);
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(pieces == "firstsecond");
}

TEST_CASE("threaded: the caller learns the head before the body, and moves the end of the call") {
  ByteServer server([](int fd, const std::stop_token& stop) {
    ByteServer::write(fd, "HTTP/1.1 200 OK\r\nX-Kind: long\r\n\r\n");
    while (!stop.stop_requested() && ByteServer::write(fd, "x")) {
      std::this_thread::sleep_for(10ms);
    }
  });
  auto call = call_to(server.url());
  call.deadline = 200ms;
  const auto until = SteadyClock::now() + 700ms;
  std::string kind;
  bool head_came_first = false;
  call.on_head = [&](const HttpResponse& head) { kind = head.headers.get("X-Kind").value_or(""); };
  call.on_body = [&](std::string_view) {
    head_came_first = kind == "long";
    return true;
  };
  call.until = [&] { return until; };
  CHECK(failure_of(call) == HttpError::Kind::timeout);
  CHECK(head_came_first);
  CHECK(SteadyClock::now() >= until - 50ms);
}

TEST_CASE("threaded: on_body ends the call by returning false, and that is no failure") {
  ByteServer server([](int fd, const std::stop_token& stop) {
    ByteServer::write(fd, "HTTP/1.1 200 OK\r\n\r\n");
    while (!stop.stop_requested() && ByteServer::write(fd, "x")) {
      std::this_thread::sleep_for(1ms);
    }
  });
  auto call = call_to(server.url());
  call.on_body = [](std::string_view) { return false; };
  const auto started = SteadyClock::now();
  CHECK(http_call(call).status == 200);
  CHECK(SteadyClock::now() - started < 5s);
}

TEST_CASE("threaded: the body of another status than 2xx is in the response, not in on_body") {
  ByteServer server("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops");
  auto call = call_to(server.url());
  bool called = false;
  call.on_body = [&](std::string_view) {
    called = true;
    return true;
  };
  const auto response = http_call(call);
  CHECK(response.status == 500);
  CHECK(response.body == "oops");
  CHECK_FALSE(called);
}

TEST_CASE("threaded: a redirect is not followed") {
  ByteServer server("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  CHECK(http_call(call_to(server.url())).status == 302);
}

TEST_CASE("threaded: many calls at once and one stop request end cleanly") {
  ByteServer::Answer silent = [](int, std::stop_token stop) { ByteServer::stay_silent(stop); };
  ByteServer server(silent);
  std::stop_source source;
  std::atomic<int> stopped = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 6; ++i) {
    callers.emplace_back([&] {
      try {
        http_call(call_to(server.url()), source.get_token());
      } catch (const HttpError& e) {
        stopped += e.kind == HttpError::Kind::stopped ? 1 : 0;
      }
    });
  }
  std::this_thread::sleep_for(50ms);
  source.request_stop();
  for (auto& caller : callers) {
    caller.join();
  }
  CHECK(stopped == 6);
}

TEST_CASE("what is no http address is a PermanentError") {
  for (const char* url : {"", "example.org", "ftp://example.org/", "http://", "http:///path", "http://a b/",
                          "http://example.org/a\r\nX-Injected: 1"}) {
    CAPTURE(std::string(url));
    CHECK_THROWS_AS(http_call(call_to(url)), PermanentError);
  }
}

TEST_CASE("a header with a line break is a PermanentError, and its value is not repeated") {
  auto call = call_to("http://127.0.0.1:1/");
  call.headers.add("Authorization", "Bearer secret\r\nX-Injected: 1");
  try {
    http_call(call);
    FAIL("it was sent");
  } catch (const PermanentError& e) {
    CHECK(std::string(e.what()).find("secret") == std::string::npos);
  }
}

TEST_CASE("join_url puts exactly one slash between") {
  CHECK(join_url("https://example.org", "v1") == "https://example.org/v1");
  CHECK(join_url("https://example.org/", "/v1") == "https://example.org/v1");
  CHECK(join_url("https://example.org/base//", "v1") == "https://example.org/base/v1");
}

TEST_CASE("retry_after reads seconds and dates and nothing else") {
  const auto with = [](const std::string& value) {
    HttpResponse response;
    response.headers.add("retry-after", value);
    return retry_after(response);
  };
  CHECK(with("3") == 3s);
  CHECK(with("0.5") == 500ms);
  CHECK(with("Wed, 21 Oct 2015 07:28:00 GMT") == 0s);
  CHECK(with("99999999") == 24h);
  CHECK(with("Fri, 31 Dec 9999 23:59:59 GMT") == 24h);
  CHECK_FALSE(with("soon").has_value());
  CHECK_FALSE(with("-1").has_value());
  CHECK_FALSE(retry_after({}).has_value());
}

}  // namespace
}  // namespace base

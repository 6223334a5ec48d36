#include "base/http_later.h"

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/raw_client.h"
#include "tests/support/wait.h"

namespace base {
namespace {

using support::RawClient;

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

/// One worker; what is asked below /later waits for the test, the rest is answered at once.
struct Fixture {
  HttpServer server{options(), [this](const HttpRequest& request) { return handle(request); }};
  std::mutex mutex;
  std::vector<LaterResponse> waiting;

  Fixture() { server.start(); }
  ~Fixture() {
    waiting.clear();
    server.stop();
  }

  static HttpServer::Options options() {
    HttpServer::Options options;
    options.threads = 1;
    return options;
  }
  HttpResponse handle(const HttpRequest& request) {
    if (request.path == "/later") {
      auto later = LaterResponse::take();
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(*later));
      return {};
    }
    if (request.path == "/drop") {
      LaterResponse::take();
    } else if (request.path == "/throw") {
      const auto later = LaterResponse::take();
      throw std::runtime_error("after it was taken");
    }
    return HttpResponse::json("{}");
  }
  bool wait_for(std::size_t count) {
    return support::wait_until([&] {
      const std::lock_guard lock(mutex);
      return waiting.size() == count;
    });
  }
  void send(const HttpResponse& response) {
    auto later = [&] {
      const std::lock_guard lock(mutex);
      auto last = std::move(waiting.back());
      waiting.pop_back();
      return last;
    }();
    later.send(response);
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "threaded: a response that is sent later holds no worker, and the connection goes on") {
  RawClient slow(server.port());
  REQUIRE(slow.send(get("/later")));
  REQUIRE(wait_for(1));
  RawClient other(server.port());
  REQUIRE(other.send(get("/")));
  CHECK(other.read_response() == 200);
  auto response = HttpResponse::json(R"({"now":true})");
  response.headers.add("X-Good", "yes");
  response.headers.add("X-Bad", "a\r\nSet-Cookie: stolen=1");
  send(response);
  CHECK(slow.read_until("X-Good: yes\r\n"));
  CHECK(slow.received().find("stolen") == std::string::npos);
  CHECK(slow.read_response() == 200);
  REQUIRE(slow.send(get("/")));
  CHECK(slow.read_response() == 200);
}

TEST_CASE_FIXTURE(Fixture, "threaded: one that is dropped, or whose handler throws, is a 503") {
  for (const auto* const path : {"/drop", "/throw"}) {
    RawClient client(server.port());
    REQUIRE(client.send(get(path)));
    CHECK(client.read_response() == 503);
    REQUIRE(client.send(get("/")));
    CHECK(client.read_response() == 200);
  }
}

TEST_CASE_FIXTURE(Fixture, "threaded: a peer that is gone before its response does no harm") {
  {
    RawClient client(server.port());
    REQUIRE(client.send(get("/later")));
    REQUIRE(wait_for(1));
  }
  send(HttpResponse::json("{}"));
  RawClient other(server.port());
  REQUIRE(other.send(get("/")));
  CHECK(other.read_response() == 200);
}

TEST_CASE_FIXTURE(Fixture, "threaded: a server that stops waits for the responses that are yet to be sent") {
  RawClient client(server.port());
  REQUIRE(client.send(get("/later")));
  REQUIRE(wait_for(1));
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  CHECK(stopped.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  send(HttpResponse::json("{}"));
  stopped.get();
  CHECK(client.read_response() == 200);
}

TEST_CASE("outside a handler there is no later response") {
  CHECK_FALSE(LaterResponse::take().has_value());
}

}  // namespace
}  // namespace base

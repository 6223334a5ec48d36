#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/http.h"
#include "tests/support/files.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait.h"

namespace base {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using support::RawClient;

using Clients = std::vector<std::unique_ptr<RawClient>>;

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

const std::string kHalfBody = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\nbeginning";

/// A server that is started; it answers with what came, and `/large` with much.
struct RunningServer {
  explicit RunningServer(HttpServer::Options options = {}, std::size_t large = 8 * 1024 * 1024)
      : server(std::move(options), [this, large](const HttpRequest& request) {
          ++calls;
          HttpResponse response;
          response.content_type = "text/plain";
          response.body =
              request.path == "/large" ? std::string(large, 'x') : request.path + " " + request.body;
          if (request.path == "/stream") {
            response.event_stream = EventStream{"t"};
          } else if (request.path == "/wait") {
            ++waiting;
            support::wait_until([&] { return released.load(); });
          }
          return response;
        }) {
    server.start();
  }
  ~RunningServer() { released = true; }

  std::atomic<int> calls = 0;
  std::atomic<int> waiting = 0;
  std::atomic<bool> released = false;
  HttpServer server;
};

Clients connect(RunningServer& running, int count, const std::string& bytes, const char* from = nullptr) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(running.server.port(), from));
    clients.back()->send(bytes);
  }
  return clients;
}

std::size_t ended(Clients& clients) {
  return static_cast<std::size_t>(
      std::count_if(clients.begin(), clients.end(), [](const auto& client) { return client->is_ended(); }));
}

TEST_CASE("threaded: a request that does not become complete holds no worker") {
  HttpServer::Options options;
  options.threads = 1;
  RunningServer running(options);
  const auto heads = connect(running, 20, "GET / HTTP/1.1\r\nHo");
  const auto bodies = connect(running, 20, kHalfBody);
  const auto chunks =
      connect(running, 20, "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  const auto started = SteadyClock::now();
  RawClient client(running.server.port());
  client.send(get("/"));
  CHECK(client.read_response() == 200);
  CHECK(SteadyClock::now() - started < 4s);
  CHECK(running.calls == 1);
  bodies[7]->send(std::string(100'000 - 9, 'x'));
  CHECK(bodies[7]->read_response() == 200);
}

TEST_CASE("threaded: a response that nobody reads holds no worker") {
  HttpServer::Options options;
  options.threads = 1;
  options.response_deadline = 500ms;
  RunningServer running(options);
  auto deaf = connect(running, 3, get("/large"));
  const auto started = SteadyClock::now();
  RawClient client(running.server.port());
  client.send(get("/"));
  CHECK(client.read_response() == 200);
  CHECK(SteadyClock::now() - started < 2s);
  // Whoever reads slowly, but does, gets all of it.
  RawClient slow(running.server.port());
  slow.send(get("/large"));
  std::string body;
  CHECK(slow.read_response(&body) == 200);
  CHECK(body == std::string(8 * 1024 * 1024, 'x'));
  CHECK(support::wait_until([&] {
    // Those that take nothing are dropped: what they read then is not all of it.
    return std::all_of(deaf.begin(), deaf.end(), [](const auto& client) { return client->is_gone(); });
  }));
}

TEST_CASE("threaded: of responses that nobody reads only so many bytes are held") {
  HttpServer::Options options;
  options.max_response_bytes = 20 * 1024 * 1024;
  RunningServer running(options);
  auto deaf = connect(running, 6, get("/large"));  // 48 MiB
  // The kernel takes some of each, so that which is over the bound, and when, is not told by the number
  // alone.
  CHECK(support::wait_until([&] {
    return std::count_if(deaf.begin(), deaf.end(), [](const auto& client) { return client->is_gone(); }) >= 2;
  }));
  std::size_t complete = 0;
  for (const auto& client : deaf) {
    std::string body;
    client->read_response(&body);
    complete += body.size() == 8 * 1024 * 1024 ? 1 : 0;
  }
  CHECK(complete >= 1);
}

TEST_CASE("threaded: an address with too many incomplete requests loses its oldest, others lose nothing") {
  HttpServer::Options options;
  options.max_incomplete_per_address = 10;
  RunningServer running(options);
  auto others = connect(running, 5, "GET / HT", "127.0.0.2");
  auto idle = connect(running, 5, get("/"));
  for (const auto& client : idle) {
    REQUIRE(client->read_response() == 200);
  }
  auto slow = connect(running, 30, "GET / HT");
  CHECK(support::wait_until([&] { return ended(slow) == 20; }));
  CHECK(ended(others) == 0);
  CHECK(ended(idle) == 0);
  CHECK_FALSE(slow.back()->is_ended());
  RawClient client(running.server.port());
  client.send(get("/"));
  CHECK(client.read_response() == 200);
}

TEST_CASE("threaded: where all places are taken, the oldest idle connection makes room") {
  HttpServer::Options options;
  options.max_connections = 20;
  RunningServer running(options);
  Clients idle;
  for (int i = 0; i < 10; ++i) {
    idle.push_back(std::make_unique<RawClient>(running.server.port()));
    idle.back()->send(get("/"));
    REQUIRE(idle.back()->read_response() == 200);
  }
  auto slow = connect(running, 15, "GET / HT");
  CHECK(support::wait_until([&] { return ended(idle) == 5; }));
  // The server may have taken note of two answers in the other order than their readers.
  CHECK(std::count_if(idle.begin(), idle.begin() + 7, [](const auto& each) { return each->is_ended(); }) ==
        5);
  CHECK_FALSE(idle.back()->is_ended());
  CHECK(ended(slow) == 0);
  RawClient client(running.server.port());
  client.send(get("/"));
  CHECK(client.read_response() == 200);
}

TEST_CASE("threaded: requests that are not complete hold only so many bytes together") {
  HttpServer::Options options;
  options.max_request_bytes = options.max_body_bytes = 1024 * 1024;  // and so at most two megabytes
  RunningServer running(options);
  const std::string part =
      "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n" + std::string(200'000, 'x');
  auto slow = connect(running, 30, part);
  CHECK(support::wait_until([&] { return ended(slow) >= 18; }));
  // Not by each: what it still sends may reset the connection before it has read the answer.
  CHECK(std::any_of(slow.begin(), slow.end(),
                    [](const auto& one) { return one->received().find("503") != std::string::npos; }));
  RawClient client(running.server.port());
  client.send(part + std::string(800'000, 'x'));
  CHECK(client.read_response() == 200);
}

TEST_CASE("threaded: a prompt path is answered while all workers wait") {
  HttpServer::Options options;
  options.threads = 2;
  options.prompt_paths = {"/healthz"};
  RunningServer running(options);
  const auto waiting = connect(running, 5, get("/wait"));
  REQUIRE(support::wait_until([&] { return running.waiting == 2; }));
  RawClient client(running.server.port());
  client.send(get("/healthz?x=y"));
  CHECK(client.read_response() == 200);
  running.released = true;
  for (const auto& one : waiting) {
    CHECK(one->read_response() == 200);
  }
}

TEST_CASE("threaded: all event streams together hold only so many bytes, and the slowest goes") {
  HttpServer::Options options;
  options.max_event_bytes = 1024 * 1024;
  RunningServer running(options);
  auto deaf = connect(running, 8, get("/stream"));
  RawClient listening(running.server.port());
  listening.send(get("/stream"));
  REQUIRE(support::wait_until([&] { return running.server.open_streams() == 9; }));
  const std::string large(64 * 1024, 'x');
  std::atomic<bool> done = false;
  std::thread reader([&] { done = listening.read_until("data: last\n\n"); });
  for (int i = 0; i < 100; ++i) {
    running.server.publish("t", large);
    std::this_thread::sleep_for(1ms);
  }
  running.server.publish("t", "last");
  reader.join();
  CHECK(done);
  CHECK(running.server.open_streams() < 5);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// What this process has had in memory at most since `forget_peak`, in MiB.
double peak_mb() {
  const auto status = support::read_text("/proc/self/status");
  return std::atof(status.c_str() + status.find("VmHWM:") + 6) / 1024;
}
void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

TEST_CASE("threaded: one event is not held for all that do not read, not for a moment") {
  HttpServer::Options options;
  options.max_event_bytes = 1024 * 1024;
  RunningServer running(options);
  auto deaf = connect(running, 60, get("/stream"));
  REQUIRE(support::wait_until([&] { return running.server.open_streams() == 60; }));
  const std::string large(900 * 1024, 'x');
  forget_peak();
  const auto before = peak_mb();
  for (int i = 0; i < 40 && running.server.open_streams() > 2; ++i) {
    running.server.publish("t", large);
  }
  CHECK(running.server.open_streams() <= 2);  // the kernel takes the first ones
  CHECK(peak_mb() - before < 20);
}
#endif

TEST_CASE("threaded: a client that waits for a go-ahead gets it and is answered once") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  REQUIRE(client.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  CHECK(client.read_response() == 100);
  client.send("hello");
  std::string body;
  CHECK(client.read_response(&body) == 200);
  CHECK(body == "/x hello");
  client.send(get("/next"));
  CHECK(client.read_response() == 200);
}

TEST_CASE("threaded: requests that are sent at once are answered one after the other") {
  RunningServer running;
  RawClient client(running.server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += i % 2 == 0
               ? get("/" + std::to_string(i))
               : "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nab";
  }
  client.send(all);
  client.end_input();
  for (int i = 0; i < 50; ++i) {
    std::string body;
    REQUIRE(client.read_response(&body) == 200);
    CHECK(body == "/" + std::to_string(i) + (i % 2 == 0 ? " " : " ab"));
  }
  CHECK(client.read_to_end());
}

TEST_CASE("threaded: what is in doubt is answered 400, and what follows is not read") {
  RunningServer running;
  for (const std::string& head :
       {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /x HTTP/1.1\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost : a\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
        "GET /x HTTP/1.1\nHost: a\n\n", "BREW /x HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    CAPTURE(head);
    RawClient client(running.server.port());
    client.send(head + get("/smuggled"));
    std::string body;
    CHECK(client.read_response(&body) == 400);
    CHECK(body.find("\"error\"") != std::string::npos);
    CHECK(client.last_head().find("connection: close") != std::string::npos);
    CHECK(client.read_to_end());
    CHECK(client.received().empty());
  }
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a range is not served in pieces") {
  RunningServer running;
  RawClient client(running.server.port());
  std::string ranges;
  for (int i = 0; i < 500; ++i) {
    ranges += ",0-";
  }
  client.send("GET /x HTTP/1.1\r\nHost: test\r\nRange: bytes=0-" + ranges + "\r\n\r\n");
  std::string body;
  CHECK(client.read_response(&body) == 200);
  CHECK(body == "/x ");
}

TEST_CASE("threaded: a request that ends early is answered 400") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(kHalfBody);
  client.end_input();
  CHECK(client.read_response() == 400);
  CHECK(client.read_to_end());
}

TEST_CASE("threaded: a client that is gone before its response harms nobody") {
  RunningServer running;
  for (int i = 0; i < 20; ++i) {
    RawClient client(running.server.port());
    client.send(get(i % 2 == 0 ? "/large" : "/"));
  }
  CHECK(support::wait_until([&] { return running.calls == 20; }));
  RawClient client(running.server.port());
  client.send(get("/"));
  CHECK(client.read_response() == 200);
}

}  // namespace
}  // namespace base

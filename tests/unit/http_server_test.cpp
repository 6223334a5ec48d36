#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/http.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait.h"

namespace base {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using support::RawClient;

HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path + " " + request.body;
  if (request.path == "/stream") {
    response.event_stream = EventStream{request.query.get("topic").value_or("all")};
  } else if (request.path == "/throw") {
    throw std::runtime_error("the secret text of the exception");
  } else if (request.path == "/headers") {
    response.headers.add("X-Good", request.query.get("value").value_or(""));
    response.headers.add("X-Bad", "a\r\nSet-Cookie: stolen=1");
  }
  return response;
}

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& headers = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A server that is started. `calls` counts how often the handler was called.
struct RunningServer {
  explicit RunningServer(HttpServer::Options options = {}, HttpServer::Handler handler = echo)
      : server(std::move(options), [this, handler = std::move(handler)](const HttpRequest& request) {
          ++calls;
          return handler(request);
        }) {
    server.start();
  }

  std::atomic<int> calls = 0;
  HttpServer server;
};

TEST_CASE("threaded: a request reaches the handler with its parts decoded") {
  std::string seen;
  RunningServer running({}, [&](const HttpRequest& request) {
    seen = request.method + "|" + request.path + "|" + request.query.get("q").value_or("") + "|" +
           request.headers.get("x-test").value_or("") + "|" + request.cookie("b").value_or("") + "|" +
           request.body + "|" + request.remote_address;
    return HttpResponse::json("{}");
  });
  RawClient client(running.server.port());
  client.send(post("/a%20b?q=x%26y", "bo\ndy", "X-Test: value\r\nCookie: a=1; b=two\r\n"));
  CHECK(client.read_response() == 200);
  running.server.stop();  // so that the handler has returned
  CHECK(seen == "POST|/a b|x&y|value|two|bo\ndy|127.0.0.1");
}

TEST_CASE("threaded: a body reaches the handler as it is, whatever its type and the method") {
  RunningServer running({}, [](const HttpRequest& request) {
    HttpResponse response = echo(request);
    response.body += " " + request.headers.get("content-type").value_or("");
    return response;
  });
  const std::string form = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n";
  for (const auto& method : {std::string("POST"), std::string("PUT"), std::string("PATCH")}) {
    for (const auto& sent :
         {std::string("application/json"), std::string("multipart/form-data; boundary=b"),
          std::string("multipart/form-data"), std::string("application/x-www-form-urlencoded")}) {
      CAPTURE(method);
      CAPTURE(sent);
      RawClient client(running.server.port());
      client.send(method + " /x HTTP/1.1\r\nHost: test\r\nContent-Type: " + sent +
                  "\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form);
      std::string body;
      REQUIRE(client.read_response(&body) == 200);
      CHECK(body == method + " /x " + form + " " + sent);
    }
  }
}

TEST_CASE("threaded: several requests go through one connection") {
  RunningServer running;
  RawClient client(running.server.port());
  for (int i = 0; i < 5; ++i) {
    CAPTURE(i);
    std::string body;
    REQUIRE(client.send(i % 2 == 0 ? get("/one") : post("/two", "x")));
    REQUIRE(client.read_response(&body) == 200);
    CHECK(body == (i % 2 == 0 ? "GET /one " : "POST /two x"));
  }
  CHECK(running.calls == 5);
}

TEST_CASE("threaded: a body with a length over the limit is answered 413") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(post("/x", std::string(1024 * 1024 + 1, 'x')));
  CHECK(client.read_response() == 413);
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a body of exactly the limit is taken") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(post("/x", std::string(1024 * 1024, 'x')));
  CHECK(client.read_response() == 200);
  CHECK(running.calls == 1);
}

TEST_CASE("threaded: a chunked body over the limit is answered 413") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(
      "POST /x HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 32 && client.send(chunk); ++i) {  // two megabytes
  }
  client.send("0\r\n\r\n");
  CHECK(client.read_response() == 413);
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a chunked body within the limit is put together") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(
      "POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  std::string body;
  CHECK(client.read_response(&body) == 200);
  CHECK(body == "POST /x abcde");
}

TEST_CASE("threaded: a form of several parts arrives as it was sent") {
  RunningServer running;
  RawClient client(running.server.port());
  const std::string form = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";
  client.send(
      "POST /x HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: " +
      std::to_string(form.size()) + "\r\n\r\n" + form);
  std::string body;
  CHECK(client.read_response(&body) == 200);
  CHECK(body == "POST /x " + form);
}

TEST_CASE("threaded: a POST without a length is answered 400") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send("POST /x HTTP/1.1\r\nHost: test\r\n\r\n");
  std::string body;
  CHECK(client.read_response(&body) == 400);
  CHECK(body.find("\"error\"") != std::string::npos);
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a compressed body is answered 415") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(post("/x", "\x1f\x8b", "Content-Encoding: gzip\r\n"));
  CHECK(client.read_response() == 415);
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a header over 16 KiB never reaches the handler") {
  RunningServer running;
  SUBCASE("in one line") {
    RawClient client(running.server.port());
    client.send("GET / HTTP/1.1\r\nHost: test\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n");
    const int status = client.read_response();
    CHECK((status == 0 || status >= 400));
  }
  SUBCASE("in many lines") {
    RawClient client(running.server.port());
    client.send("GET / HTTP/1.1\r\nHost: test\r\n");
    for (int i = 0; i < 2'000 && client.send("X-" + std::to_string(i) + ": xxxxxxxxxx\r\n"); ++i) {
    }
    client.send("\r\n");
    const int status = client.read_response();
    CHECK((status == 0 || status >= 400));
  }
  SUBCASE("in the address") {
    RawClient client(running.server.port());
    client.send(get("/" + std::string(20'000, 'x')));
    const int status = client.read_response();
    CHECK((status == 0 || status >= 400));
  }
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: what is not HTTP never reaches the handler") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send("\x16\x03\x01 hello\r\n\r\n");
  const int status = client.read_response();
  CHECK((status == 0 || status >= 400));
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a header that comes slowly is cut off at its deadline") {
  HttpServer::Options options;
  options.header_deadline = 300ms;
  RunningServer running(options);
  const auto started = SteadyClock::now();
  RawClient client(running.server.port());
  std::thread dripping([&] {
    // A byte now and then must not push the deadline back.
    RawClient slow(running.server.port());
    for (int i = 0; i < 100 && slow.send("X"); ++i) {
      std::this_thread::sleep_for(20ms);
    }
    CHECK(slow.read_to_end());
  });
  client.send("GET / HTTP/1.1\r\nHost:");
  CHECK(client.read_to_end());
  CHECK(SteadyClock::now() - started >= 250ms);
  CHECK(SteadyClock::now() - started < 5s);
  dripping.join();
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a body that comes slowly is cut off at the deadline of the request") {
  HttpServer::Options options;
  options.header_deadline = 300ms;
  options.request_deadline = 600ms;
  RunningServer running(options);
  const auto started = SteadyClock::now();
  RawClient client(running.server.port());
  client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nbeginning");
  CHECK(client.read_to_end());
  CHECK(SteadyClock::now() - started < 5s);
  CHECK(running.calls == 0);
}

TEST_CASE("threaded: a body that nobody read is not taken for the next request") {
  RunningServer running;
  const std::string smuggled = get("/smuggled");
  const std::string length = "Content-Length: " + std::to_string(smuggled.size()) + "\r\n\r\n";
  for (const std::string& head :
       {"DELETE /x HTTP/1.1\r\nHost: test\r\n" + length, "GET /x HTTP/1.1\r\nHost: test\r\n" + length,
        "POST /x HTTP/1.1\r\nHost: test\r\nContent-Encoding: gzip\r\n" + length,
        std::string("GET /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")}) {
    CAPTURE(head);
    const int before = running.calls;
    RawClient client(running.server.port());
    client.send(head);
    CHECK(client.read_response() > 0);
    client.send(smuggled);
    CHECK(client.read_to_end());
    CHECK(client.received().empty());
    CHECK(running.calls <= before + 1);
  }
}

TEST_CASE("threaded: connections that say nothing hold up nobody") {
  HttpServer::Options options;
  options.threads = 2;
  RunningServer running(options);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<RawClient>(running.server.port()));
  }
  const auto started = SteadyClock::now();
  RawClient client(running.server.port());
  client.send(get("/"));
  CHECK(client.read_response() == 200);
  CHECK(SteadyClock::now() - started < 4s);
}

TEST_CASE("threaded: a connection that stays idle is closed") {
  HttpServer::Options options;
  options.idle_deadline = 100ms;
  RunningServer running(options);
  RawClient client(running.server.port());
  client.send(get("/"));
  REQUIRE(client.read_response() == 200);
  CHECK(client.read_to_end());
}

TEST_CASE("threaded: an exception in the handler is answered 503 without its text") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(get("/throw"));
  std::string body;
  CHECK(client.read_response(&body) == 503);
  CHECK(body.find("\"error\"") != std::string::npos);
  CHECK(body.find("secret") == std::string::npos);
}

TEST_CASE("threaded: a header with a line break is left out of the response") {
  RunningServer running;
  RawClient client(running.server.port());
  client.send(get("/headers?value=fine"));
  CHECK(client.read_response() == 200);
  CHECK(client.last_head().find("x-good: fine") != std::string::npos);
  CHECK(client.last_head().find("stolen") == std::string::npos);
  client.send(get("/headers?value=a%0d%0aInjected:%20b"));
  CHECK(client.read_response() == 200);
  CHECK(client.last_head().find("injected") == std::string::npos);
}

TEST_CASE(
    "threaded: a hundred event streams leave four threads free to answer, and publish reaches them all") {
  HttpServer::Options options;
  options.threads = 4;
  RunningServer running(options);
  std::vector<std::unique_ptr<RawClient>> streams;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(std::make_unique<RawClient>(running.server.port()));
    REQUIRE(streams.back()->send(get(i % 2 == 0 ? "/stream?topic=even" : "/stream?topic=odd")));
  }
  for (const auto& stream : streams) {
    REQUIRE(stream->read_until("\r\n\r\n"));
    CHECK(stream->received().find("text/event-stream") != std::string::npos);
  }
  REQUIRE(support::wait_until([&] { return running.server.open_streams() == 100; }));

  RawClient client(running.server.port());
  client.send(get("/still-here"));
  CHECK(client.read_response() == 200);

  running.server.publish("even", "first");
  running.server.publish("odd", "other");
  running.server.publish("even", "second");
  for (std::size_t i = 0; i < streams.size(); ++i) {
    CAPTURE(i);
    CHECK(streams[i]->read_until(i % 2 == 0 ? "data: first\n\ndata: second\n\n" : "data: other\n\n"));
    CHECK(streams[i]->received().find(i % 2 == 0 ? "other" : "first") == std::string::npos);
  }

  streams.clear();
  CHECK(support::wait_until([&] { return running.server.open_streams() == 0; }));
}

TEST_CASE("threaded: a stream that does not read is closed and holds up nobody") {
  RunningServer running;
  RawClient deaf(running.server.port());
  deaf.send(get("/stream?topic=t"));
  RawClient listening(running.server.port());
  listening.send(get("/stream?topic=u"));
  REQUIRE(support::wait_until([&] { return running.server.open_streams() == 2; }));
  const std::string large(256 * 1024, 'x');
  const auto started = SteadyClock::now();
  for (int i = 0; i < 64; ++i) {  // more than any socket buffer takes
    running.server.publish("t", large);
  }
  CHECK(SteadyClock::now() - started < 5s);
  CHECK(support::wait_until([&] { return running.server.open_streams() == 1; }));
  running.server.publish("u", "hello");
  CHECK(listening.read_until("data: hello\n\n"));
}

TEST_CASE("threaded: of too many streams of one person the oldest is told that it ends") {
  RunningServer running;
  std::vector<std::unique_ptr<RawClient>> streams;
  const auto open = [&](const std::string& topic) {
    streams.push_back(std::make_unique<RawClient>(running.server.port()));
    REQUIRE(streams.back()->send(get("/stream?topic=" + topic)));
    REQUIRE(streams.back()->read_until("retry: 1000\n\n"));
  };
  open("page:ada%231");
  open("page:ben%232");
  for (int i = 0; i < 256; ++i) {
    open(i % 2 == 0 ? "page:ada%231" : "page:ada%233");
  }
  CHECK(streams[0]->read_until("event: ended\ndata: {}\n\n"));
  CHECK(support::wait_until([&] { return running.server.open_streams() == 257; }));
  running.server.publish("page:ada#1", "news");
  running.server.publish("page:ben#2", "news");
  for (const std::size_t i : {1, 2, 4}) {
    CHECK(streams[i]->read_until("data: news\n\n"));
    CHECK(streams[i]->received().find("ended") == std::string::npos);
  }
}

TEST_CASE("threaded: streams open, close and are published to from several threads at once") {
  HttpServer::Options options;
  options.threads = 4;
  RunningServer running(options);
  std::atomic<bool> done = false;
  std::vector<std::thread> publishers;
  for (int i = 0; i < 2; ++i) {
    publishers.emplace_back([&] {
      while (!done) {
        running.server.publish("t", "event");
        std::this_thread::sleep_for(1ms);
      }
    });
  }
  std::atomic<int> served = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      for (int j = 0; j < 15; ++j) {
        RawClient client(running.server.port());
        client.send(get("/stream?topic=t"));
        served += client.read_until("data: event\n\n") ? 1 : 0;
      }
    });
  }
  for (auto& reader : readers) {
    reader.join();
  }
  done = true;
  for (auto& publisher : publishers) {
    publisher.join();
  }
  CHECK(served == 60);
}

TEST_CASE("threaded: stop ends the streams and the idle connections and takes no more") {
  auto running = std::make_unique<RunningServer>();
  const int port = running->server.port();
  RawClient stream(port), idle(port), silent(port);
  stream.send(get("/stream"));
  idle.send(get("/"));
  REQUIRE(idle.read_response() == 200);
  REQUIRE(stream.read_until("retry"));
  const auto started = SteadyClock::now();
  running->server.stop();
  CHECK(SteadyClock::now() - started < 4s);
  CHECK(stream.read_to_end());
  CHECK(idle.read_to_end());
  CHECK_FALSE(RawClient(port).connected());
  running->server.stop();  // once more does no harm
  running->server.publish("all", "to nobody");
  CHECK(running->server.open_streams() == 0);
}

TEST_CASE("threaded: stop lets the request under way finish") {
  std::atomic<bool> entered = false;
  std::atomic<bool> go_on = false;
  RunningServer running({}, [&](const HttpRequest&) {
    entered = true;
    support::wait_until([&] { return go_on.load(); });
    return HttpResponse::json("\"done\"");
  });
  RawClient client(running.server.port());
  client.send(get("/slow"));
  REQUIRE(support::wait_until([&] { return entered.load(); }));
  std::thread stopping([&] { running.server.stop(); });
  go_on = true;
  std::string body;
  CHECK(client.read_response(&body) == 200);
  CHECK(body == "\"done\"");
  stopping.join();
}

TEST_CASE("threaded: stop holds up while requests come in on many connections") {
  for (int round = 0; round < 5; ++round) {
    RunningServer running;
    std::atomic<bool> done = false;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        while (!done) {
          RawClient client(running.server.port());
          for (int j = 0; j < 20 && client.send(get("/")) && client.read_response() == 200; ++j) {
          }
        }
      });
    }
    CHECK(support::wait_until([&] { return running.calls > 50; }));
    running.server.stop();
    done = true;
    for (auto& client : clients) {
      client.join();
    }
  }
}

TEST_CASE("a server that was never started can be stopped and destroyed") {
  HttpServer server({}, echo);
  CHECK(server.port() > 0);
  server.stop();
}

TEST_CASE("an address that is taken is an error that names it") {
  HttpServer first({}, echo);
  HttpServer::Options options;
  options.port = first.port();
  try {
    const HttpServer second(options, echo);
    FAIL("two servers are bound to the same port");
  } catch (const std::runtime_error& e) {
    CHECK(std::string(e.what()).find("127.0.0.1:" + std::to_string(first.port())) != std::string::npos);
  }
}

}  // namespace
}  // namespace base

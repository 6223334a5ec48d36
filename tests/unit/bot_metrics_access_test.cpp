#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "bot/web/metrics_access.h"

namespace {

const std::optional<std::string> kToken = "token-of-the-metrics";

base::HttpRequest request(const std::string& from, const std::string& host) {
  base::HttpRequest request;
  request.method = "GET";
  request.path = "/metrics";
  request.remote_address = from;
  request.headers.add("Host", host);
  return request;
}

int status(const base::HttpRequest& request, const std::optional<std::string>& token = std::nullopt) {
  const auto refused = bot::web::refuse_metrics(request, token);
  return refused ? refused->status : 200;
}

TEST_CASE("the metrics are read on this machine, by one of its own names") {
  for (const char* host :
       {"localhost", "LOCALHOST:8787", "127.0.0.1:8787", "127.0.0.2", "[::1]:8787", "[::1]"}) {
    CAPTURE(host);
    CHECK(status(request("127.0.0.1", host)) == 200);
    CHECK(status(request("::1", host)) == 200);
    CHECK(status(request("192.0.2.1", host)) == 403);
  }
  for (const char* host : {"bot.example.org", "localhost.example.org", "127.0.0.1.example.org", "evil", "",
                           "[::2]", "192.0.2.1"}) {
    CAPTURE(host);
    CHECK(status(request("127.0.0.1", host)) == 403);
  }
}

TEST_CASE("what comes through a proxy does not come from this machine") {
  for (const char* name :
       {"Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "X-Real-IP", "Via"}) {
    CAPTURE(name);
    auto forwarded = request("127.0.0.1", "localhost");
    forwarded.headers.add(name, "127.0.0.1");
    CHECK(status(forwarded) == 403);
  }
}

TEST_CASE("the token reads the metrics from anywhere, and a wrong one from nowhere") {
  auto with = [](const std::string& authorization) {
    auto r = request("192.0.2.1", "bot.example.org");
    r.headers.add("X-Forwarded-For", "192.0.2.9");
    r.headers.add("Authorization", authorization);
    return r;
  };
  CHECK(status(with("Bearer token-of-the-metrics"), kToken) == 200);
  CHECK(status(with("bearer  token-of-the-metrics"), kToken) == 200);
  for (const char* wrong :
       {"Bearer token", "Bearer", "Bearer ", "token-of-the-metrics", "Basic token-of-the-metrics", ""}) {
    CAPTURE(wrong);
    CHECK(status(with(wrong), kToken) == 401);
    CHECK(status(with(wrong)) == 403);
    auto local = request("127.0.0.1", "localhost");
    local.headers.add("Authorization", wrong);
    CHECK(status(local, kToken) == 401);
  }
  CHECK(status(request("127.0.0.1", "localhost"), kToken) == 200);
}

}  // namespace

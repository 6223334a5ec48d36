#include <doctest/doctest.h>

#include "base/http.h"
#include "bot/platforms/shared/public_url.h"
#include "tests/support/loopback_server.h"

namespace {

using Mark = bot::chat::CheckResult::Mark;

struct Proxy {
  explicit Proxy(base::HttpResponse answer)
      : server([answer = std::move(answer)](const base::HttpRequest& request) {
          return request.path == "/bot/healthz" ? answer : base::HttpResponse::error(404, "no");
        }) {}
  std::string url() const { return server.url() + "/bot"; }
  support::LoopbackServer server;
};

TEST_CASE("threaded: a public address is good where this program answers") {
  const Proxy proxy(base::HttpResponse::json(R"({"status":"ok"})"));
  CHECK(bot::shared::check_public_url(proxy.url()).mark == Mark::ok);
  CHECK(bot::shared::check_public_url(proxy.url() + "/").mark == Mark::ok);
  CHECK(bot::shared::check_public_url(proxy.url() + "/elsewhere").mark == Mark::failure);
}

TEST_CASE("threaded: a public address at which something else answers is told") {
  const Proxy page({200, "<html>Welcome to nginx!</html>", "text/html", {}, {}});
  CHECK(bot::shared::check_public_url(page.url()).mark == Mark::warning);
  const Proxy list(base::HttpResponse::json("[1]"));
  CHECK(bot::shared::check_public_url(list.url()).mark == Mark::warning);
  const Proxy broken(base::HttpResponse::error(502, "bad gateway"));
  const auto found = bot::shared::check_public_url(broken.url());
  CHECK(found.mark == Mark::failure);
  CHECK(found.detail.find("502") != std::string::npos);
}

TEST_CASE("threaded: a public address that cannot be reached is a failure") {
  CHECK(bot::shared::check_public_url("http://127.0.0.1:1").mark == Mark::failure);
}

TEST_CASE("threaded: a plain address is good for a service that calls such addresses") {
  const Proxy proxy(base::HttpResponse::json(R"({"status":"ok"})"));
  // Not an address of this machine as it is written, though it leads here.
  auto url = proxy.url();
  url.replace(url.find("127.0.0.1"), 9, "0.0.0.0");
  const auto refused = bot::shared::check_public_url(url);
  CHECK(refused.mark == Mark::warning);
  CHECK(refused.detail.find("https") != std::string::npos);
  CHECK(bot::shared::check_public_url(url, bot::shared::PlainHttp::called).mark == Mark::ok);
}

}  // namespace

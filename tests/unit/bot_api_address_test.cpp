#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/http.h"
#include "bot/chat/platform.h"
#include "bot/platforms/shared/api_address.h"
#include "config/config_file.h"
#include "tests/support/loopback_server.h"

namespace {

constexpr const char* kUsual = "https://service.example/api/v10";

/// Answers below one folder and 404 elsewhere, and keeps what was asked for.
struct Service {
  explicit Service(std::string folder)
      : server([folder = std::move(folder)](const base::HttpRequest& request) {
          const bool known = request.path.starts_with(folder) && request.path != folder + "/gone";
          return base::HttpResponse{known ? 200 : 404, request.body, "text/plain", {}, {}};
        }) {}
  std::string url() const { return server.url(); }
  std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& request : server.requests()) {
      all.push_back(request.path);
    }
    return all;
  }

  support::LoopbackServer server;
};

using Paths = std::vector<std::string>;

int call(const bot::shared::ApiAddress& address, const std::string& path) {
  base::HttpCall http;
  http.body = "{}";
  return address.call(http, path, {}).status;
}

TEST_CASE("threaded: an API at the root of a local server is found there") {
  Service service("");
  const bot::shared::ApiAddress address(service.url(), kUsual);
  CHECK(call(address, "/send") == 200);
  CHECK(call(address, "/gone") == 404);
  CHECK(service.paths() == Paths{"/send", "/gone"});
}

TEST_CASE("threaded: an API below the service's own path is found behind a bare host, and looked for once") {
  Service service("/api/v10");
  const bot::shared::ApiAddress address(service.url(), kUsual);
  CHECK(call(address, "/gone") == 404);  // which tells nothing of the place
  CHECK(call(address, "/send") == 200);
  CHECK(call(address, "/send") == 200);
  CHECK(call(address, "/gone") == 404);
  CHECK(service.paths() ==
        Paths{"/gone", "/api/v10/gone", "/send", "/api/v10/send", "/api/v10/send", "/api/v10/gone"});
}

TEST_CASE("threaded: an address with a path is taken by its word") {
  Service service("/elsewhere");
  const bot::shared::ApiAddress address(service.url() + "/elsewhere", kUsual);
  CHECK(call(address, "/send") == 200);
  CHECK(call(address, "/gone") == 404);
  CHECK(service.paths() == Paths{"/elsewhere/send", "/elsewhere/gone"});
}

TEST_CASE("threaded: the service's own host has the methods at the service's own path") {
  Service service("/api");
  const bot::shared::ApiAddress address(service.url(), service.url() + "/api");
  CHECK(call(address, "/send") == 200);
  CHECK(service.paths() == Paths{"/api/send"});
}

TEST_CASE("threaded: nothing is decided by a server that cannot be reached") {
  std::string url;
  {
    Service service("");
    url = service.url();
  }
  const bot::shared::ApiAddress address(url, kUsual);
  CHECK_THROWS_AS(call(address, "/send"), bot::chat::NotSent);
}

TEST_CASE("api_base_url is an address, without a slash at its end") {
  const auto read = [](const std::string& toml) {
    auto section = config::parse_config(toml, "frontdesk.toml", "/");
    return bot::shared::read_api_base_url(section, kUsual);
  };
  CHECK(read("") == kUsual);
  CHECK(read("api_base_url = \"http://127.0.0.1:9/x//\"") == "http://127.0.0.1:9/x");
  for (const auto* bad : {"", "127.0.0.1:9", "ftp://x", "https://", "https://user@host", "http://x?y"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH_AS(read("api_base_url = \"" + std::string(bad) + "\""),
                         doctest::Contains("api_base_url"), base::ConfigError);
  }
}

}  // namespace

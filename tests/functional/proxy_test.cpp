// The configurations of docs/proxy in front of the real program, without their certificates. Passed over
// where nginx (FRONTDESK_NGINX) or Caddy (FRONTDESK_CADDY) is not installed.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <signal.h>

#include "base/process/program_path.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/raw_client.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::RawClient;

namespace {

std::optional<std::string> installed(const char* variable, const std::string& name) {
  const char* const set = std::getenv(variable);
  return set != nullptr ? std::optional<std::string>(set)
                        : base::find_program(name, "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin");
}

/// A port that was free a moment ago.
int free_port() {
  return base::HttpServer({}, [](const base::HttpRequest&) { return base::HttpResponse(); }).port();
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  REQUIRE(contains(text, from));
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

void drop_lines(std::string& text, const std::string& beginning) {
  for (auto at = text.find(beginning); at != std::string::npos; at = text.find(beginning)) {
    text.erase(at, text.find('\n', at) + 1 - at);
  }
}

struct Proxied {
  Desk desk{Desk::Claude::fake};
  int port = free_port();
  std::unique_ptr<support::Program> proxy;

  Proxied() {
    desk.config.set("server", "behind_proxy", "true")
        .set("server", "public_url", R"("https://bot.example.org")");
    desk.start();
  }

  void start_nginx(const std::string& program) {
    auto text = support::read_text(std::filesystem::path(support::source_dir()) / "docs/proxy/nginx.conf");
    replace(text, "listen 443 ssl http2;", "listen 127.0.0.1:" + std::to_string(port) + ";");
    drop_lines(text, "    listen [::]:443");
    drop_lines(text, "    ssl_");
    replace(text, "127.0.0.1:8787", "127.0.0.1:" + std::to_string(desk.port()));
    const auto folder = desk.folder() / "nginx";
    std::filesystem::create_directories(folder / "logs");
    std::string paths;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      paths += std::string(kind) + "_temp_path " + (folder / kind).string() + ";\n";
    }
    support::write_text(folder / "nginx.conf",
                        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents { "
                        "worker_connections 1000; }\nhttp {\naccess_log off;\n" +
                            paths + text + "}\n");
    start({program, "-p", folder.string(), "-c", (folder / "nginx.conf").string()});
  }

  void start_caddy(const std::string& program) {
    auto text = support::read_text(std::filesystem::path(support::source_dir()) / "docs/proxy/Caddyfile");
    replace(text, "\nbot.example.org {", "\nhttp://bot.example.org:" + std::to_string(port) + " {");
    replace(text, "127.0.0.1:8787", "127.0.0.1:" + std::to_string(desk.port()));
    replace(text, "\n{\n", "\n{\n\tadmin off\n\tauto_https off\n");
    support::write_text(desk.folder() / "Caddyfile", text);
    start({program, "run", "--adapter", "caddyfile", "--config", (desk.folder() / "Caddyfile").string()});
  }

  void start(std::vector<std::string> argv) {
    const auto folder = desk.folder() / "proxy-run";
    std::filesystem::create_directories(folder);
    proxy = std::make_unique<support::Program>(std::move(argv), folder);
    const bool listens =
        support::wait_until([&] { return RawClient(port).connected(); }, std::chrono::seconds(15));
    INFO(proxy->log());
    REQUIRE(listens);
  }

  std::string request(const std::string& method, const std::string& path, const std::string& headers = {},
                      const std::string& body = {}) const {
    return method + " " + path + " HTTP/1.1\r\nHost: bot.example.org\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  int status(const std::string& sent) const {
    RawClient client(port);
    client.send(sent);
    return client.read_response();
  }

  void check() {
    CHECK(status("GET /healthz HTTP/1.1\r\nHost: bot.example.org\r\n\r\n") == 200);
    CHECK(status("GET /metrics HTTP/1.1\r\nHost: bot.example.org\r\n\r\n") == 404);
    check_webhook();
    check_page();
    const std::string large(1'100'000, 'x');
    const int refused = status(request("POST", "/webhooks/ops", "Content-Type: application/json\r\n", large));
    CHECK_MESSAGE(refused == 413, proxy->log());
    std::vector<std::unique_ptr<RawClient>> slow;
    for (int i = 0; i < 90; ++i) {
      slow.push_back(std::make_unique<RawClient>(port));
      slow.back()->send("GET / HTTP/1.1\r\nX-");
    }
    CHECK(status("GET /healthz HTTP/1.1\r\nHost: bot.example.org\r\n\r\n") == 200);
  }

  void check_webhook() const {
    const auto body = Desk::message_body({"hello", "c-1", "u-1", "m-1"});
    std::string headers = "Content-Type: application/json\r\n";
    const auto signature = support::sign(Desk::kSecret, "in-1", body);
    for (const auto& [name, value] : signature.all()) {
      headers += name;
      headers += ": " + value + "\r\n";
    }
    CHECK(status(request("POST", "/webhooks/ops", headers, body)) == 200);
  }

  /// Signs in, opens the streams of both pages and sees a message in them at once; a wrong guess is counted
  /// for the client and not for the proxy.
  void check_page() const {
    const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
    RawClient client(port);
    client.send(request("POST", "/login", form, std::string("password=") + Desk::kAdminPassword));
    REQUIRE(client.read_response() == 303);
    const auto& head = client.last_head();
    const auto cookie =
        head.substr(head.find("set-cookie: ") + 12,
                    head.find(';', head.find("set-cookie: ")) - head.find("set-cookie: ") - 12);
    const auto opened = [&](const std::string& path) {
      auto stream = std::make_unique<RawClient>(port);
      stream->send("GET " + path + " HTTP/1.1\r\nHost: bot.example.org\r\nCookie: " + cookie + "\r\n\r\n");
      REQUIRE(stream->read_until("retry: 1000"));
      return stream;
    };
    const auto page = opened("/api/events?chat=main"), console = opened("/api/v1/events");
    const std::string body = R"({"id":"p-1","chat":"main","text":"hello there"})";
    CHECK(status(request("POST", "/api/messages",
                         "Content-Type: application/json\r\nOrigin: https://bot.example.org\r\nCookie: " +
                             cookie + "\r\n",
                         body)) == 200);
    CHECK(page->read_until("hello there"));
    CHECK(console->read_until(R"("type":"decision")"));
    RawClient guessing(port, "127.0.0.9");
    guessing.send(request("POST", "/login", form, "password=wrong"));
    CHECK(guessing.read_response() == 401);
    CHECK(support::wait_until(
        [&] { return contains(desk.program->log(), "a wrong password from 127.0.0.9"); }));
  }
};

}  // namespace

TEST_CASE("nginx as documented stands in front") {
  const auto nginx = installed("FRONTDESK_NGINX", "nginx");
  if (!nginx) {
    MESSAGE("nginx is not installed");
    return;
  }
  Proxied proxied;
  proxied.start_nginx(*nginx);
  proxied.check();
}

TEST_CASE("Caddy as documented stands in front") {
  const auto caddy = installed("FRONTDESK_CADDY", "caddy");
  if (!caddy) {
    MESSAGE("Caddy is not installed");
    return;
  }
  Proxied proxied;
  proxied.start_caddy(*caddy);
  proxied.check();
}

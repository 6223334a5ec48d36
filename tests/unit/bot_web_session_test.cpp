#include <atomic>
#include <barrier>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/password_hash.h"
#include "bot/web/session.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

constexpr const char* kClient = "192.0.2.1";

bot::runtime::AdminSettings one_password(const std::string& password) {
  return {{{.name = "admin", .role = bot::runtime::ConsoleRole::admin, .password = password, .chat = true}}};
}

/// Each session has a database of its own.
class Session : public bot::web::Session {
 public:
  Session(const bot::runtime::ServerSettings& server, int port, const std::string& password)
      : Session(std::make_unique<support::TemporaryFolder>(), server, port,
                password.empty() ? bot::runtime::AdminSettings() : one_password(password)) {}

  Login log_in(const std::string& secret, const std::string& client) {
    return bot::web::Session::log_in({.secret = secret, .client = client});
  }
  bool is_logged_in(const base::HttpRequest& request) { return visitor(request).has_value(); }

 private:
  Session(std::unique_ptr<support::TemporaryFolder> folder, const bot::runtime::ServerSettings& server,
          int port, bot::runtime::AdminSettings admin)
      : bot::web::Session(server, port, std::move(admin), store::Database(folder->path() / "frontdesk.db"),
                          clock()),
        folder_(std::move(folder)) {}

  static const base::Clock& clock() {
    static const support::FakeClock clock;
    return clock;
  }
  std::unique_ptr<support::TemporaryFolder> folder_;
};

struct Fixture {
  bot::runtime::ServerSettings server;
  Session session{server, 8787, ""};

  static base::HttpRequest request(const std::string& host, const std::string& method = "GET",
                                   base::HttpFields more = {}) {
    base::HttpRequest r;
    r.method = method;
    r.path = "/";
    r.headers = std::move(more);
    r.headers.add("Host", host);
    return r;
  }
  static bool foreign(const Session& session, const base::HttpRequest& request) {
    const auto sentence = session.foreign(request);
    CHECK((!sentence || sentence->ends_with(".")));
    return sentence.has_value();
  }
  static std::string token(const Session& session) {
    const auto address = session.address();
    return address.substr(address.find("token=") + 6);
  }
  static base::HttpRequest with_cookie(const std::string& cookie) {
    return request("127.0.0.1:8787", "GET", {{"Cookie", cookie}});
  }
};

TEST_CASE_FIXTURE(Fixture, "the printed address carries a token that is hard to guess") {
  CHECK(session.address().starts_with("http://127.0.0.1:8787/?token="));
  CHECK(token(session).size() >= 32);
  CHECK(token(Session(server, 8787, "")) != token(session));
}

TEST_CASE_FIXTURE(Fixture, "with a password the address carries nothing secret") {
  const Session with_password(server, 80, "correct horse");
  CHECK(with_password.address() == "http://127.0.0.1:80/");
  CHECK(with_password.has_password());
  CHECK_FALSE(session.has_password());
}

TEST_CASE_FIXTURE(Fixture, "only a host name of ours reaches the pages") {
  for (const char* host : {"127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "[::1]:8787"}) {
    CAPTURE(std::string(host));
    CHECK_FALSE(foreign(session, request(host)));
  }
  for (const char* host : {"", "127.0.0.1", "127.0.0.1:80", "evil.example", "evil.example:8787",
                           "127.0.0.1:8787.evil.example", "localhost:8787@evil.example", "0.0.0.0:8787"}) {
    CAPTURE(std::string(host));
    CHECK(foreign(session, request(host)));
  }
  base::HttpRequest without;
  CHECK(foreign(session, without));
}

TEST_CASE_FIXTURE(Fixture, "the public name is one of ours, and port 80 may be left out") {
  server.public_url = "https://Bot.example.org/frontdesk";
  const Session open(server, 80, "");
  CHECK_FALSE(foreign(open, request("bot.example.org")));
  CHECK_FALSE(foreign(open, request("127.0.0.1")));
  CHECK_FALSE(foreign(open, request("bot.example.org", "POST", {{"Origin", "https://bot.example.org"}})));
  CHECK(foreign(open, request("bot.example.org", "POST", {{"Origin", "http://bot.example.org"}})));
  CHECK(foreign(open, request("example.org")));
  CHECK(foreign(open, request("bot.example.org.evil.example")));
}

TEST_CASE_FIXTURE(Fixture, "a page of another site cannot ask or post") {
  const std::string host = "127.0.0.1:8787";
  for (const char* origin : {"http://127.0.0.1:8787", "http://localhost:8787"}) {
    CHECK_FALSE(foreign(session, request(host, "POST", {{"Origin", origin}})));
  }
  for (const char* origin : {"null", "", "http://evil.example", "http://127.0.0.1:9999", "http://127.0.0.1",
                             "https://127.0.0.1:8787", "ftp://127.0.0.1:8787", "127.0.0.1:8787",
                             "https://evil.example/http://127.0.0.1:8787"}) {
    CAPTURE(std::string(origin));
    CHECK(foreign(session, request(host, "POST", {{"Origin", origin}})));
    CHECK(foreign(session, request(host, "GET", {{"Origin", origin}})));
  }
}

TEST_CASE_FIXTURE(Fixture, "a browser that says where a request comes from is believed") {
  const std::string host = "127.0.0.1:8787";
  CHECK(foreign(session, request(host, "POST", {{"Sec-Fetch-Site", "cross-site"}})));
  CHECK(foreign(session, request(host, "POST", {{"Sec-Fetch-Site", "same-site"}})));
  CHECK_FALSE(foreign(session, request(host, "POST", {{"Sec-Fetch-Site", "same-origin"}})));
  CHECK_FALSE(foreign(session, request(host, "POST")));
  CHECK_FALSE(
      foreign(session, request(host, "POST", {{"Origin", "null"}, {"Sec-Fetch-Site", "same-origin"}})));
  for (const char* site : {"cross-site", "same-site", "none", ""}) {  // a sandboxed frame of another site
    CAPTURE(std::string(site));
    CHECK(foreign(session, request(host, "POST", {{"Origin", "null"}, {"Sec-Fetch-Site", site}})));
  }
  CHECK(foreign(session, request(host, "POST",
                                 {{"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "same-origin"}})));
  CHECK_FALSE(
      foreign(session, request(host, "GET", {{"Sec-Fetch-Site", "cross-site"}})));  // a link to the page
}

TEST_CASE_FIXTURE(Fixture, "the right token opens a session by its cookie") {
  const auto login = session.log_in(token(session), kClient);
  REQUIRE(login.cookie);
  CHECK_FALSE(login.too_many);
  CHECK(login.cookie->starts_with("frontdesk_8787="));
  CHECK(login.cookie->find("; HttpOnly") != std::string::npos);
  CHECK(login.cookie->find("; SameSite=Strict") != std::string::npos);
  CHECK(login.cookie->find("Secure") == std::string::npos);
  CHECK(login.cookie->find(token(session)) == std::string::npos);
  const auto pair = login.cookie->substr(0, login.cookie->find(';'));
  CHECK(session.is_logged_in(with_cookie(pair)));
  CHECK(session.is_logged_in(with_cookie("other=1; " + pair + "; more=2")));
  CHECK_FALSE(session.is_logged_in(with_cookie(pair + "0")));
  CHECK_FALSE(session.is_logged_in(with_cookie("frontdesk_8787=")));
  CHECK_FALSE(session.is_logged_in(with_cookie("frontdesk_8787=" + token(session))));
  CHECK_FALSE(session.is_logged_in(with_cookie("frontdesk_9999=" + pair.substr(15))));
  CHECK_FALSE(session.is_logged_in(request("127.0.0.1:8787")));
}

TEST_CASE_FIXTURE(Fixture, "behind TLS the cookie is for TLS alone") {
  server.public_url = "https://bot.example.org";
  Session secure(server, 8787, "correct horse");
  const auto login = secure.log_in("correct horse", kClient);
  REQUIRE(login.cookie);
  CHECK(login.cookie->ends_with("; Secure"));
}

TEST_CASE_FIXTURE(Fixture, "a wrong secret opens nothing") {
  for (const char* wrong : {"", "wrong", "correct horse "}) {
    Session with_password(server, 8787, "correct horse");
    CHECK_FALSE(with_password.log_in(wrong, kClient).cookie);
    CHECK_FALSE(session.log_in(wrong, kClient).cookie);
  }
  Session with_password(server, 8787, "correct horse");
  CHECK(with_password.log_in("correct horse", kClient).cookie);
}

TEST_CASE_FIXTURE(Fixture, "guesses of a password that come too fast from one client are not looked at") {
  Session with_password(server, 8787, "correct horse");
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(with_password.log_in("guess " + std::to_string(i), kClient).too_many);
  }
  const auto login = with_password.log_in("correct horse", kClient);
  CHECK(login.too_many);
  CHECK_FALSE(login.cookie);
  CHECK(with_password.log_in("correct horse", "192.0.2.7").cookie);
}

TEST_CASE_FIXTURE(Fixture, "of many who guess at once only a few are made to wait") {
  Session with_password(server, 8787, base::hash_password("correct horse"));
  std::atomic<int> too_many = 0;
  std::barrier together(24);
  std::vector<std::jthread> guessing;
  for (int i = 0; i < 24; ++i) {
    guessing.emplace_back([&, i] {
      together.arrive_and_wait();
      too_many += with_password.log_in("guess", "192.0.2." + std::to_string(i)).too_many ? 1 : 0;
    });
  }
  guessing.clear();
  CHECK(too_many >= 1);
  CHECK(with_password.log_in("correct horse", kClient).cookie);
}

TEST_CASE_FIXTURE(Fixture, "guesses of the token that come too fast from one client are not looked at") {
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(session.log_in("guess", kClient).too_many);
  }
  const auto login = session.log_in(token(session), kClient);
  CHECK(login.too_many);
  CHECK_FALSE(login.cookie);
  CHECK(session.log_in(token(session), "192.0.2.7").cookie);
}

TEST_CASE_FIXTURE(Fixture, "the client behind a trusted proxy is the one that the proxy names last") {
  auto forwarded = request("bot.example.org", "POST", {{"X-Forwarded-For", "192.0.2.1, 192.0.2.2"}});
  forwarded.remote_address = "127.0.0.1";
  CHECK(session.client_of(forwarded) == "127.0.0.1");
  server.behind_proxy = true;
  server.trusted_proxies = {"127.0.0.1"};
  const Session behind_proxy(server, 8787, "correct horse");
  CHECK(behind_proxy.client_of(forwarded) == "192.0.2.2");
  forwarded.remote_address = "192.0.2.9";
  CHECK(behind_proxy.client_of(forwarded) == "192.0.2.9");
}

TEST_CASE_FIXTURE(Fixture, "guessing elsewhere does not end a session that is open") {
  const auto login = session.log_in(token(session), kClient);
  for (int i = 0; i < 20; ++i) {
    session.log_in("guess", kClient);
  }
  CHECK(session.is_logged_in(with_cookie(login.cookie->substr(0, login.cookie->find(';')))));
}

}  // namespace

// Who signs in with what, and what keeps or ends a session.
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "base/password_hash.h"
#include "bot/web/pages.h"
#include "bot/web/session.h"
#include "bot/web/session_streams.h"
#include "store/sessions.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

using bot::runtime::AdminSettings;
using bot::runtime::AdminUser;
using bot::runtime::ConsoleRole;
using namespace std::chrono_literals;

constexpr const char* kClient = "192.0.2.1";

AdminUser user(const std::string& name, ConsoleRole role, const std::string& password, bool chat = false) {
  return {.name = name, .role = role, .password = password, .chat = chat};
}

struct Fixture {
  support::TemporaryFolder folder;
  support::FakeClock clock;
  bot::runtime::ServerSettings server;
  AdminSettings users{{user("admin", ConsoleRole::admin, "admin-1", true),
                       user("viewer", ConsoleRole::viewer, "viewer-1"),
                       user("ada", ConsoleRole::editor, "ada-1", true)}};

  bot::web::Session start() const { return start(users); }
  bot::web::Session start(const AdminSettings& admin) const {
    return {server, 8787, admin, store::Database(folder.path() / "frontdesk.db"), clock};
  }
  /// The Cookie header of a new session; empty where there is none.
  static std::string sign_in(bot::web::Session& session, const std::string& name, const std::string& secret) {
    const auto cookie =
        session.log_in({.name = name, .secret = secret, .client = kClient}).cookie.value_or("");
    return cookie.substr(0, cookie.find(';'));
  }
  /// "ada operator", or "nobody".
  static std::string who(bot::web::Session& session, const std::string& cookie) {
    base::HttpRequest request;
    request.headers = {{"Cookie", cookie}};
    const auto visitor = session.visitor(request);
    return visitor ? visitor->caller.name + " " + to_string(visitor->caller.role) : "nobody";
  }
};

TEST_CASE_FIXTURE(Fixture, "an open stream hears nothing more once its session, or its user, is gone") {
  auto session = start();
  const auto id_of = [&](const std::string& cookie) {
    base::HttpRequest request;
    request.headers = {{"Cookie", cookie}};
    return session.visitor(request).value().caller;
  };
  std::string heard;
  bot::web::SessionStreams streams(session,
                                   [&](const std::string& topic, std::string_view) { heard += topic + " "; });
  const auto first = id_of(sign_in(session, "ada", "ada-1")),
             second = id_of(sign_in(session, "ada", "ada-1"));
  const auto viewer = id_of(sign_in(session, "viewer", "viewer-1"));
  const auto of_first = streams.open("console", first), of_second = streams.open("console", second);
  const auto of_viewer = streams.open("console", viewer);
  const auto published = [&] {
    heard.clear();
    streams.publish("console", "{}");
    return heard;
  };
  // Of one person all are alike before the "#", by which the server bounds them.
  CHECK(of_first.substr(0, of_first.find('#')) == of_second.substr(0, of_second.find('#')));
  CHECK(of_first.substr(0, of_first.find('#')) != of_viewer.substr(0, of_viewer.find('#')));
  CHECK(published() == of_first + " " + of_second + " " + of_viewer + " ");
  store::Database db(folder.path() / "frontdesk.db");
  store::Sessions(db).end(first.session);
  CHECK(published() == of_second + " " + of_viewer + " ");
  users.users.pop_back();
  session.reload(users);
  CHECK(published() == of_viewer + " ");
  clock.advance(std::chrono::hours(31 * 24));
  CHECK(published().empty());
  streams.publish("nobody listens", "{}");
  CHECK(heard.empty());
}

TEST_CASE_FIXTURE(Fixture, "a password signs in its own user, and without a name one of those of [admin]") {
  for (const bool hashed : {false, true}) {
    CAPTURE(hashed);
    if (hashed) {
      users.users[0].password = base::hash_password("admin-1");
    }
    bot::web::SignIn sign_in(users, "token");
    const auto who = [&](const std::string& name, const std::string& secret) {
      const auto* const user = sign_in.check({.name = name, .secret = secret, .client = name + secret}).user;
      return user == nullptr ? "nobody" : user->name;
    };
    CHECK(who("", "admin-1") == "admin");
    CHECK(who("admin", "admin-1") == "admin");
    CHECK(who("", "viewer-1") == "viewer");
    CHECK(who("ada", "ada-1") == "ada");
    for (const auto& typed : {std::pair{"", "ada-1"},
                              {"ada", "admin-1"},
                              {"viewer", "admin-1"},
                              {"operator", ""},
                              {"nobody", ""},
                              {"nobody", "ada-1"},
                              {"", ""},
                              {"", "token"},
                              {"admin", "token"},
                              {"ADA", "ada-1"}}) {
      CAPTURE(std::string(typed.first));
      CAPTURE(std::string(typed.second));
      CHECK(who(typed.first, typed.second) == "nobody");
    }
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "guesses on one user from many places close neither another user nor the owner's place") {
  bot::web::SignIn sign_in(users, "token");
  const auto check = [&](const std::string& name, const std::string& secret, const std::string& client) {
    return sign_in.check({.name = name, .secret = secret, .client = client});
  };
  CHECK(check("ada", "ada-1", kClient).user != nullptr);
  for (int i = 0; i < 30; ++i) {
    CHECK_FALSE(check("ada", "guess", "198.51.100." + std::to_string(i)).too_many);
    CHECK_FALSE(check("nobody", "guess", "203.0.113." + std::to_string(i)).too_many);
  }
  // A place that has not guessed itself has one guess, on a name that nobody has as on one that somebody has.
  for (const auto& [name, place] : {std::pair{"ada", "198.51.100.98"}, {"nobody", "198.51.100.97"}}) {
    CHECK_FALSE(check(name, "guess", place).too_many);
    CHECK(check(name, "guess", place).too_many);
    CHECK(check(name, "guess", "198.51.100.5").too_many);
  }
  CHECK(check("ada", "ada-1", kClient).user != nullptr);
  CHECK(check("ada", "ada-1", "198.51.100.99").user != nullptr);
  CHECK(check("viewer", "viewer-1", "198.51.100.99").user != nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a new process knows the sessions, with the role that the settings give now") {
  std::string ada, admin;
  {
    auto session = start();
    ada = sign_in(session, "ada", "ada-1");
    admin = sign_in(session, "", "admin-1");
    CHECK(who(session, ada) == "ada operator");
    CHECK(who(session, ada + "0") == "nobody");
  }
  users.users[2].role = ConsoleRole::viewer;
  auto session = start();
  CHECK(who(session, ada) == "ada viewer");
  CHECK(who(session, admin) == "admin admin");

  SUBCASE("another password") {
    users.users[2].password = "ada-2";
  }
  SUBCASE("a hash of another password") {
    users.users[2].password = base::hash_password("ada-2");
  }
  SUBCASE("the user is gone") {
    users.users.pop_back();
  }
  SUBCASE("nobody has a password any more") {
    session.reload({});
    CHECK(who(session, admin) == "nobody");
    CHECK(session.address().find("token=") != std::string::npos);
    users = {};
  }
  session.reload(users);
  CHECK(who(session, ada) == "nobody");
  auto later = start();
  CHECK(who(later, ada) == "nobody");
}

TEST_CASE_FIXTURE(Fixture, "the same password as a hash, and the same hash, end nothing") {
  auto session = start();
  const auto ada = sign_in(session, "ada", "ada-1");
  session.reload(users);
  CHECK(who(session, ada) == "ada operator");
  users.users[2].password = base::hash_password("ada-1");
  auto hashed = start();
  CHECK(who(hashed, ada) == "nobody");  // who cannot tell that it is the same ends it
  const auto again = sign_in(hashed, "ada", "ada-1");
  hashed.reload(users);
  CHECK(who(hashed, again) == "ada operator");
}

TEST_CASE_FIXTURE(Fixture, "a session that is used lasts longer than one that is not") {
  auto session = start();
  const auto used = sign_in(session, "ada", "ada-1"), unused = sign_in(session, "ada", "ada-1");
  for (int day = 0; day < 8; ++day) {
    clock.advance(24h);
    CHECK(who(session, used) == "ada operator");
  }
  CHECK(who(session, unused) == "nobody");
}

TEST_CASE_FIXTURE(Fixture,
                  "without users the token's holder is the admin, and the session outlives the token") {
  std::string cookie;
  {
    auto session = start({});
    const auto address = session.address();
    cookie = sign_in(session, "", address.substr(address.find("token=") + 6));
    CHECK(who(session, cookie) == "admin admin");
  }
  auto session = start({});
  CHECK(who(session, cookie) == "admin admin");
  auto with_password = start();
  CHECK(who(with_password, cookie) == "nobody");
}

TEST_CASE("a target after signing in is one of our own pages") {
  using bot::web::target_of;
  CHECK(target_of("/", true) == "/");
  CHECK(target_of("/", false) == "/admin");
  CHECK(target_of("", true) == "/");
  CHECK(target_of("/admin/decisions?q=a%20b&p_min=0.5", true) == "/admin/decisions?q=a%20b&p_min=0.5");
  for (const char* strange : {"//evil.example", "https://evil.example/admin", "/admin\r\nX: y",
                              "/admin/\\evil", "/administrator", "/login", "/admin/#x", "\\/admin"}) {
    CAPTURE(std::string(strange));
    CHECK(target_of(strange, true) == "/");
  }
}

}  // namespace

// Signing in over HTTP: who gets in, what each role may, and what ends a session.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/json.h"
#include "base/password_hash.h"
#include "tests/support/checkout.h"
#include "tests/support/files.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/page_client.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::PageClient;

namespace {

/// With a user of each role; ada and bob may chat.
struct House : Desk {
  House() : Desk(Claude::fake) {
    secret("operator", "operator-password-1");
    secret("viewer", "viewer-password-1");
    secret("ada", base::hash_password("ada-password-1"));
    secret("bob", "bob-password-1");
    secret("eve", "eve-password-1");
    config.set("admin", "operator_password", R"("file:operator.secret")")
        .set("admin", "viewer_password", R"("file:viewer.secret")");
    user("ada", "operator").set("admin.user.ada", "chat", "true");
    user("bob", "admin").set("admin.user.bob", "chat", "true");
    user("eve", "viewer");
  }

  void secret(const std::string& name, const std::string& text) const {
    support::write_text(folder() / (name + ".secret"), text + "\n");
  }
  support::Config& user(const std::string& name, const std::string& role) {
    return config.set("admin.user." + name, "role", support::toml_text(role))
        .set("admin.user." + name, "password", support::toml_text("file:" + name + ".secret"));
  }
  PageClient as(const std::string& name, const std::string& password) const {
    PageClient client(*this);
    const auto response = client.sign_in(password, name);
    CAPTURE(name);
    CHECK(response.status == 303);
    CHECK_FALSE(client.cookie().empty());
    return client;
  }
  PageClient as(const std::string& name) const {
    return as(name, name == "admin" ? kAdminPassword : name + "-password-1");
  }
  void restart() {
    REQUIRE(stop(SIGTERM) == 0);
    start();
  }
  void reload() {
    write_config();
    const auto reloads = support::count_of(program->log(), "were reloaded");
    program->signal(SIGHUP);
    REQUIRE(
        support::wait_until([&] { return support::count_of(program->log(), "were reloaded") > reloads; }));
  }
};

std::string text_of(const base::HttpResponse& response, const char* member) {
  return base::json_text(base::parse_json(response.body).value_or(nlohmann::json()), member);
}

bool is_in(const PageClient& client) {
  return client.get("/api/v1/me").status == 200;
}

TEST_CASE_FIXTURE(
    House, "each user signs in with the own password, and the name may be missing for those of [admin]") {
  start();
  for (const std::string name : {"admin", "operator", "viewer"}) {
    CAPTURE(name);
    const auto password = name == "admin" ? std::string(kAdminPassword) : name + "-password-1";
    for (const bool named : {true, false}) {
      PageClient client(*this);
      CHECK(client.sign_in(password, named ? name : "").status == 303);
      const auto me = client.get("/api/v1/me");
      CHECK(text_of(me, "name") == name);
      CHECK(text_of(me, "role") == name);
    }
  }
  const auto me = as("ada").get("/api/v1/me");
  CHECK(text_of(me, "name") == "ada");
  CHECK(text_of(me, "role") == "operator");
  CHECK(base::json_bool(*base::parse_json(me.body), "chat") == true);
  CHECK_FALSE(text_of(me, "csrf").empty());

  // Each wrong: another's password, a name without one, no such name, a named user without the name.
  for (const auto& typed : {std::pair{"admin", "viewer-password-1"},
                            {"ada", "bob-password-1"},
                            {"ada", ""},
                            {"nobody", "ada-password-1"},
                            {"", "ada-password-1"},
                            {"", ""}}) {
    CAPTURE(std::string(typed.first));
    CAPTURE(std::string(typed.second));
    PageClient client(*this);
    const auto response = client.sign_in(typed.second, typed.first);
    CHECK(response.status == 401);
    CHECK(text_of(response, "error") == "The name or the password is wrong.");
    CHECK(client.cookie().empty());
  }
  const auto log = program->log();
  CHECK(contains(log, "a wrong password of ada from 127.0.0.1"));
  CHECK(contains(log, "a wrong password of a user who is not there"));
  for (const char* secret : {"ada-password-1", "bob-password-1", "viewer-password-1"}) {
    CHECK_FALSE(contains(log, secret));
  }
}

TEST_CASE_FIXTURE(House, "a program that asks for JSON gets JSON, right or wrong") {
  start();
  const auto call = [&](const std::string& body) {
    return this->call("POST", "/login", body, {{"Accept", "application/json"}});
  };
  const auto wrong = call("name=ada&password=no");
  CHECK(wrong.status == 401);
  CHECK(text_of(wrong, "error").ends_with("."));
  CHECK_FALSE(wrong.headers.get("Set-Cookie"));
  const auto right = call("name=ada&password=ada-password-1");
  CHECK(right.status == 200);
  CHECK(text_of(right, "role") == "operator");
  CHECK(right.headers.get("Set-Cookie"));
}

TEST_CASE_FIXTURE(House, "an address that no section of the console has is the page with 404") {
  start();
  const auto admin = as("admin");
  for (const char* path : {"/admin", "/admin/", "/admin/log", "/admin/log/17", "/admin/health?x=y"}) {
    CAPTURE(std::string(path));
    CHECK(admin.get(path).status == 200);
  }
  for (const char* path : {"/admin/nope", "/admin/Log", "/admin/log.html"}) {
    CAPTURE(std::string(path));
    const auto page = admin.get(path);
    CHECK(page.status == 404);
    CHECK(contains(page.body, "csrf-token"));
  }
  // The names are those of the page.
  const auto sections = support::read_text(support::source_dir() + "/bot/web/pages/src/console/sections.tsx");
  const std::string begin = "{ id: '";
  std::size_t named = 0;
  for (auto at = sections.find(begin); at != std::string::npos; at = sections.find(begin, at + 1)) {
    const auto name =
        sections.substr(at + begin.size(), sections.find('\'', at + begin.size()) - at - begin.size());
    CHECK(admin.get("/admin/" + name).status == 200);
    ++named;
  }
  CHECK(named == 8);
}

TEST_CASE_FIXTURE(House, "who signs in comes to where they wanted to go, on this site alone") {
  start();
  const auto target = [&](const std::string& name, const std::string& password, const std::string& to) {
    PageClient client(*this);
    return client.sign_in(password, name, "&to=" + to).headers.get("Location").value_or("");
  };
  const auto admin = [&](const std::string& to) { return target("", kAdminPassword, to); };
  CHECK(admin("%2F") == "/");
  CHECK(admin("%2Fadmin") == "/admin");
  CHECK(admin("%2Fadmin%2Fdecisions%3Foutcome%3Dfailed%26q%3Dab") == "/admin/decisions?outcome=failed&q=ab");
  for (const char* to :
       {"https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2Fadministrator",
        "%2Fadmin%0d%0aSet-Cookie%3A%20a%3Db", "%2Fadmin%2F%5C", "javascript%3Aalert(1)", "admin"}) {
    CAPTURE(to);
    CHECK(admin(to) == "/");
  }
  // Who may not chat has nothing to do at the chat page.
  CHECK(target("viewer", "viewer-password-1", "%2F") == "/admin");
  // Wrong, a browser gets the form once more, with a sentence and the same goal.
  const auto again = this->call("POST", "/login", "name=viewer&password=wrong&to=%2Fadmin%2Freview",
                                {{"Accept", "text/html"}});
  CHECK(again.status == 401);
  CHECK(contains(again.body, "<p role=\"alert\">The name or the password is wrong.</p>"));
  CHECK(contains(again.body, R"(<input name="to" type="hidden" value="/admin/review">)"));
  CHECK(this->call("GET", "/login").headers.get("Location") == "/");
  CHECK(this->call("POST", "/login", "{}", {{"Content-Type", "multipart/form-data"}}).status == 415);
  const std::string parts = "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" +
                            std::string(kAdminPassword) + "\r\n--b--\r\n";
  const base::HttpFields as_parts = {{"Content-Type", "multipart/form-data; boundary=b"}};
  CHECK(this->call("POST", "/login", parts, as_parts).status == 303);

  const auto gate = this->call("GET", "/admin/decisions?q=%22%3E%3Cscript%3E&outcome=failed");
  CHECK(gate.status == 401);
  CHECK(contains(
      gate.body,
      R"(<input name="to" type="hidden" value="/admin/decisions?outcome=failed&amp;q=%22%3E%3Cscript%3E">)"));
  CHECK(contains(gate.body, R"(<input id="name" name="name")"));
  CHECK_FALSE(contains(gate.body, "<script>"));
}

TEST_CASE_FIXTURE(
    House, "a link from another site, for which the browser keeps the cookie back, still opens the view") {
  start();
  const auto viewer = as("viewer");
  const auto path = "/admin/log?q=%22a&outcome=failed";
  const auto by_link =
      call("GET", path, {}, {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}});
  CHECK(by_link.status == 200);
  CHECK(contains(by_link.body, R"(content="0; url=/admin/log?outcome=failed&amp;q=%22a")"));
  CHECK(viewer.get(path, {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "navigate"}}).status == 200);
  CHECK(call("GET", path, {}, {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "navigate"}}).status ==
        401);
}

TEST_CASE_FIXTURE(House, "each role reaches what it may, and nothing else") {
  start();
  constexpr int kGone = 404;
  struct Row {
    std::string method, path;
    int nobody, viewer, op, admin, ada;  ///< ada is an operator who may chat
    std::string body = {};
  };
  const std::vector<Row> rows = {
      {"GET", "/admin", 401, 200, 200, 200, 200},
      {"GET", "/admin/log/7", 401, 200, 200, 200, 200},
      {"GET", "/", 401, 403, 403, 200, 200},
      {"GET", "/api/state", 401, 403, 403, 200, 200},
      {"GET", "/api/messages", 401, 403, 403, 200, 200},
      {"POST", "/api/messages", 401, 403, 403, 400, 400, "{}"},
      {"POST", "/api/actions", 401, 403, 403, 400, 400, "{}"},
      {"GET", "/api/v1/openapi.json", 401, 200, 200, 200, 200},
      {"GET", "/api/v1/me", 401, 200, 200, 200, 200},
      {"GET", "/api/v1/me/sessions", 401, 200, 200, 200, 200},
      {"DELETE", "/api/v1/me/sessions", 401, 204, 204, 204, 204},
      {"DELETE", "/api/v1/me/sessions/4711", 401, kGone, kGone, kGone, kGone},
      {"GET", "/api/v1/sessions", 401, 403, 403, 200, 403},
      {"DELETE", "/api/v1/sessions/4711", 401, 403, 403, kGone, 403},
      {"POST", "/api/v1/logout", 401, 204, 204, 204, 204},
  };
  const PageClient nobody(*this);
  const PageClient viewer = as("viewer"), op = as("operator"), admin = as("admin"), ada = as("ada");
  for (const auto& row : rows) {
    CAPTURE(row.method);
    CAPTURE(row.path);
    CHECK(nobody.send(row.method, row.path, row.body).status == row.nobody);
    CHECK(viewer.send(row.method, row.path, row.body).status == row.viewer);
    CHECK(op.send(row.method, row.path, row.body).status == row.op);
    CHECK(admin.send(row.method, row.path, row.body).status == row.admin);
    CHECK(ada.send(row.method, row.path, row.body).status == row.ada);
  }
  for (const auto* client : {&nobody, &viewer, &op}) {
    CHECK(client->get("/api/events").status >= 401);
  }
  // The last row signed them out.
  for (const auto* client : {&viewer, &op, &admin, &ada}) {
    CHECK_FALSE(is_in(*client));
  }
  CHECK(contains(viewer.get("/").body, "Sign in"));
  CHECK(contains(as("viewer").get("/").body, "href=\"/admin\""));
}

TEST_CASE_FIXTURE(House, "a change needs the token of its own session") {
  start();
  const auto admin = as("admin");
  const auto other = as("admin");
  const auto victim = as("ada");
  const auto sessions = base::parse_json(admin.get("/api/v1/sessions").body).value();
  std::string path;
  for (const auto& session : sessions["items"]) {
    if (session["name"] == "ada") {
      path = "/api/v1/sessions/" + session["id"].dump();
    }
  }
  REQUIRE_FALSE(path.empty());
  REQUIRE(admin.csrf().size() == 64);
  CHECK(admin.csrf() == text_of(admin.get("/api/v1/me"), "csrf"));
  CHECK(admin.csrf() != other.csrf());
  CHECK(contains(admin.get("/").body, R"(<meta name="csrf-token" content=")" + admin.csrf()));
  for (const base::HttpFields& headers :
       {base::HttpFields{}, base::HttpFields{{"X-CSRF-Token", ""}},
        base::HttpFields{{"X-CSRF-Token", other.csrf()}},
        base::HttpFields{{"X-CSRF-Token", admin.csrf() + "0"}},
        base::HttpFields{{"X-CSRF-Token", admin.csrf()}, {"Origin", "http://evil.example"}}}) {
    const auto response = admin.send_plain("DELETE", path, {}, headers);
    CHECK(response.status == 403);
    CHECK(text_of(response, "error").ends_with("."));
  }
  CHECK(is_in(victim));
  CHECK(admin.send("DELETE", path).status == 204);
  CHECK_FALSE(is_in(victim));
  CHECK(admin.send("DELETE", path).status == 404);
  CHECK(query("SELECT changed_by || ' ' || role || ' ' || what || ' ' || scope FROM changes") ==
        "admin admin session.end user ada");
  CHECK(contains(query("SELECT before_json FROM changes"), R"("name":"ada")"));
  const auto verified =
      support::run_frontdesk({"log", "verify", "--config", config_file().string()}, folder(), {});
  CHECK(verified.status == 0);
}

TEST_CASE_FIXTURE(House, "whoever is signed in elsewhere ends that, and nobody else's session") {
  start();
  const auto here = as("viewer"), there = as("viewer"), far = as("viewer"), other = as("ada");
  const auto mine = base::parse_json(here.get("/api/v1/me/sessions").body).value()["items"];
  CHECK(mine.size() == 3);
  std::string one;
  for (const auto& session : mine) {
    CHECK(session["name"] == "viewer");
    one = session["own"] == true ? one : session["id"].dump();
  }
  const auto of_other = base::parse_json(other.get("/api/v1/me/sessions").body).value()["items"];
  REQUIRE(of_other.size() == 1);
  CHECK(here.send("DELETE", "/api/v1/me/sessions/" + of_other[0]["id"].dump()).status == 404);
  CHECK(is_in(other));
  CHECK(here.send("DELETE", "/api/v1/me/sessions/" + one).status == 204);
  CHECK(is_in(there) != is_in(far));
  CHECK(here.send("DELETE", "/api/v1/me/sessions").status == 204);
  CHECK_FALSE(is_in(there));
  CHECK_FALSE(is_in(far));
  CHECK(is_in(here));
  CHECK(is_in(other));
  CHECK(query("SELECT count(*) FROM changes WHERE what = 'session.end' AND changed_by = 'viewer'") == "2");
}

TEST_CASE_FIXTURE(House, "another host and another origin reach no page and no API, signed in or not") {
  start();
  const auto admin = as("admin");
  for (const char* path : {"/", "/admin", "/api/v1/me", "/api/state", "/login"}) {
    CAPTURE(path);
    CHECK(admin.get(path, {{"Host", "evil.example"}}).status == 403);
    CHECK(admin.get(path, {{"Origin", "http://evil.example"}}).status == 403);
  }
  CHECK(admin
            .send_plain("POST", "/login", "password=" + std::string(kAdminPassword),
                        {{"Sec-Fetch-Site", "cross-site"}})
            .status == 403);
}

TEST_CASE_FIXTURE(
    House, "a restart ends no session; another password, another role and a user who is gone do their part") {
  start();
  const auto ada = as("ada"), bob = as("bob"), admin = as("admin"), viewer = as("viewer");
  const auto cookie = ada.cookie().substr(ada.cookie().find('=') + 1);
  CHECK(query("SELECT count(*) FROM sessions WHERE instr(secret_hash, '" + cookie + "') > 0") == "0");
  use_port(0);
  config.set("server", "listen", "\"127.0.0.1:" + std::to_string(program->wait_for_port()) + "\"");
  restart();
  for (const auto* client : {&ada, &bob, &admin, &viewer}) {
    CHECK(is_in(*client));
  }
  secret("ada", "ada-password-2");
  config.set("admin.user.bob", "role", "\"viewer\"");
  SUBCASE("at a reload") {
    reload();
  }
  SUBCASE("at a restart") {
    restart();
  }
  CHECK_FALSE(is_in(ada));
  CHECK(is_in(admin));
  CHECK(text_of(bob.get("/api/v1/me"), "role") == "viewer");
  CHECK(contains(program->log(), "the session of ada ended"));
  CHECK(is_in(as("ada", "ada-password-2")));
  config.drop("admin.user.bob");
  reload();
  CHECK_FALSE(is_in(bob));
  CHECK(PageClient(*this).sign_in("bob-password-1", "bob").status == 401);
  CHECK(is_in(viewer));
}

TEST_CASE_FIXTURE(House, "without [admin] the printed address lets in for good, and is new after a restart") {
  config = {};
  config.set("server", "listen", "\"127.0.0.1:0\"").set("dispatch", "sandbox", "\"off\"");
  start();
  const auto token = [&] {
    const auto log = program->log();
    const auto at = log.find("?token=") + 7;
    return log.substr(at, log.find_first_not_of("0123456789abcdef", at) - at);
  };
  const auto first = token();
  REQUIRE(first.size() == 48);
  PageClient chat(*this), console(*this), guess(*this);
  const auto at_chat = call("GET", "/?token=" + first);
  CHECK(at_chat.headers.get("Location") == "/");
  chat.keep(at_chat);
  const auto at_console = call("GET", "/admin?token=" + first);
  CHECK(at_console.headers.get("Location") == "/admin");
  console.keep(at_console);
  guess.keep(call("GET", "/admin?token=0000"));
  CHECK(guess.cookie().empty());
  CHECK(text_of(chat.get("/api/v1/me"), "role") == "admin");
  CHECK(console.get("/admin").status == 200);
  // What a page of another site embeds uses up nobody's guesses, and whoever is in needs no token.
  for (int i = 0; i < 12; ++i) {
    CHECK(call("GET", "/?token=0000", {}, {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Dest", "image"}})
              .status == 401);
    CHECK(chat.get("/?token=0000").headers.get("Location") == "/");
  }
  for (int i = 0; i < 9; ++i) {
    CHECK(call("GET", "/?token=0000").status == 401);
  }
  CHECK(call("GET", "/?token=" + first).status == 429);
  CHECK(chat.get("/").status == 200);

  config.set("server", "listen", "\"127.0.0.1:" + std::to_string(port()) + "\"");
  restart();
  CHECK(is_in(chat));
  CHECK(call("GET", "/?token=" + first).status == 401);
  CHECK(token() != first);
  // Whoever sets a password has the others sign in with it.
  secret("admin", kAdminPassword);
  config.set("admin", "password", "\"file:admin.secret\"");
  reload();
  CHECK_FALSE(is_in(chat));
  CHECK(is_in(as("admin")));
}

TEST_CASE_FIXTURE(House, "two persons on the page have chats of their own, and see nothing of each other's") {
  model.secretary("secret of ada", {support::say("To ada.")});
  model.secretary("word of bob", {support::say("To bob.")});
  start();
  const auto ada = as("ada"), bob = as("bob"), admin = as("admin");
  const auto post = [](const PageClient& who, const std::string& text, const std::string& chat = "main") {
    return who.send("POST", "/api/messages",
                    base::dump_json({{"id", "m-1"}, {"chat", chat}, {"text", text}}));
  };
  const auto shown = [](const PageClient& who, const std::string& path) { return who.get(path).body; };
  // The same id and the same chat: neither takes the other's.
  CHECK(post(ada, "the secret of ada").status == 200);
  CHECK(post(bob, "a word of bob").status == 200);
  // What stands in the history is decided; before that an answer is a draft.
  REQUIRE(support::wait_until([&] { return contains(shown(ada, "/api/messages"), "To ada."); }));
  REQUIRE(support::wait_until([&] { return contains(shown(bob, "/api/messages"), "To bob."); }));
  for (const std::string name : {"ada", "bob"}) {
    CHECK(
        query(
            "SELECT p.section || ':' || p.user_id FROM decisions d JOIN conversations c ON c.id = d.conversation_id "
            "JOIN people p ON p.id = d.person_id WHERE c.chat_id = '" +
            name + "/main'") == "web:" + name);
  }
  for (const char* path :
       {"/api/state", "/api/state?chat=main", "/api/messages?chat=main", "/api/messages?before=999"}) {
    CAPTURE(path);
    CHECK(contains(shown(ada, path), "secret of ada"));
    CHECK(contains(shown(ada, path), R"("key":"m-1")"));
    for (const auto* other : {&bob, &admin}) {
      CHECK_FALSE(contains(shown(*other, path), "secret of ada"));
      CHECK_FALSE(contains(shown(*other, path), "To ada."));
    }
  }
  CHECK(bob.get("/api/state?chat=ada/main").status == 400);
  CHECK(post(bob, "into it", "ada/main").status == 400);
  const auto chats = base::parse_json(shown(bob, "/api/state")).value()["chats"];
  REQUIRE(chats.size() == 1);
  CHECK(chats[0]["id"] == "main");
  CHECK(contains(chats[0]["title"].get<std::string>(), "word of bob"));
}

}  // namespace

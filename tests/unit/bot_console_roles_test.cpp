// Each operation of the console's API and the least role that it wants.
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "bot/console/api.h"
#include "tests/support/services_fixture.h"

namespace {

using bot::console::Role;

struct Fixture : support::ServicesFixture {
  bot::console::Api api{services, store::Database(db.path())};

  int call(const bot::console::Route& route, Role role) {
    base::HttpRequest request;
    request.method = route.method;
    std::string path;
    for (const char c : route.path) {
      path += c == '{' ? "1" : c == '}' ? "" : std::string(1, c);
    }
    return api.handle(request, path, {.name = "ada", .role = role}).status;
  }
};

TEST_CASE_FIXTURE(Fixture, "no operation is carried out for a role below its own") {
  for (const auto& route : api.routes()) {
    CAPTURE(std::string(route.path));
    for (const auto role : {Role::viewer, Role::editor, Role::admin}) {
      if (role < route.least) {
        CHECK(call(route, role) == 403);
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a viewer changes nothing but their own sessions") {
  for (const auto& route : api.routes()) {
    // Asks what would happen, and changes nothing.
    const bool is_question = route.path == "/routing/try";
    if (route.least == Role::viewer && route.method != "GET" && !is_question) {
      const auto path = std::string(route.path);
      CHECK((path == "/logout" || path.starts_with("/me/sessions")));
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "people, deliveries and other people's sessions are the admins' alone") {
  for (const auto& route : api.routes()) {
    const std::string path(route.path);
    const bool is_about_people =
        path.starts_with("/people") || path.starts_with("/pairing") || path.starts_with("/deliveries");
    if (path.starts_with("/sessions") || (is_about_people && route.method != "GET")) {
      CAPTURE(path);
      CHECK(route.least == Role::admin);
    }
  }
}

}  // namespace

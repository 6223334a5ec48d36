#pragma once

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/console/api.h"
#include "store/changes.h"
#include "tests/support/services_fixture.h"

namespace support {

/// /api/v1 beside what the workers share, asked by "ada". Thread rule: one thread.
class ConsoleFixture : public ServicesFixture {
 public:
  using json = nlohmann::json;
  using Role = bot::console::Role;

  ConsoleFixture() { settings.database = db.path(); }

  /// `path` may have a query, whose values are taken as they stand.
  base::HttpResponse send(const std::string& method, const std::string& path, const json& body = nullptr,
                          Role role = Role::admin) {
    base::HttpRequest request;
    request.method = method;
    const auto mark = path.find('?');
    request.path = path.substr(0, mark);
    for (auto at = mark; at != std::string::npos;) {
      const auto next = path.find('&', at + 1);
      const auto pair = path.substr(at + 1, next - at - 1);
      request.query.add(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      at = next;
    }
    request.body = body.is_null() ? "" : body.dump();
    bot::console::Caller caller;
    caller.name = "ada";
    caller.role = role;
    return api_.handle(request, request.path, caller);
  }
  /// Fails the test where the answer is not 200.
  json get(const std::string& path) {
    const auto response = send("GET", path);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return json::parse(response.body);
  }
  json items(const std::string& path) { return get(path).at("items"); }
  /// The first of that kind in the inbox; null where there is none.
  json item(const std::string& kind) {
    const auto waiting = items("/inbox");
    for (const auto& one : waiting) {
      if (one.at("kind") == kind) {
        return one;
      }
    }
    return nullptr;
  }
  /// Does that action of the inbox. Returns the status.
  int settle(const std::string& kind, const std::string& id, const std::string& action,
             const std::string& text = {}, Role role = Role::admin) {
    return send("POST", "/inbox/" + kind + "/" + id, {{"action", action}, {"text", text}}, role).status;
  }
  /// "ada person.role person web:u-1", of the newest line in the log of changes.
  std::string last_change() {
    const auto changes = store::Changes(db).newest(1);
    return changes.empty() ? "" : changes[0].by + " " + changes[0].what + " " + changes[0].scope;
  }

 private:
  bot::console::Api api_{services, store::Database(db.path())};
};

}  // namespace support

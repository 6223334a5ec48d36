#include <algorithm>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "bot/console/api.h"
#include "bot/console/openapi.h"
#include "tests/support/services_fixture.h"

TEST_CASE_FIXTURE(support::ServicesFixture,
                  "the description of the console's API has every route of the server, and no other") {
  const bot::console::Api api(services, store::Database(db.path()));
  std::set<std::string> served, described;
  for (const auto& route : api.routes()) {
    CHECK(served.insert(base::ascii_lower(route.method) + " " + std::string(route.path)).second);
  }
  const auto document = nlohmann::json::parse(bot::console::openapi_document());
  std::set<std::string> operations;
  for (const auto& [path, methods] : document.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) {
      described.insert(method + " " + path);
      CHECK(operations.insert(operation.value("operationId", "")).second);
      const auto called = method + " " + path;
      CAPTURE(called);
      CHECK(operation.at("responses").contains("401"));
      const auto parameters = operation.value("parameters", nlohmann::json::array());
      const bool names_token = std::any_of(parameters.begin(), parameters.end(), [](const auto& parameter) {
        return parameter.value("$ref", "") == "#/components/parameters/CsrfToken";
      });
      CHECK(names_token == (method != "get"));
      CHECK((method == "get" || operation.at("responses").contains("403")));
    }
  }
  CHECK(served == described);
}

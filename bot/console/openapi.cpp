#include "bot/console/openapi.h"

#include <array>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/console/assets.h"

namespace bot::console {
namespace {

using nlohmann::json;

/// One for each resource; its members stand in no other.
constexpr std::array kFiles = {"frontdesk.json",  "session.json",   "routing.json",
                               "operations.json", "decisions.json", "log_tables.json"};

json ref(const char* to) {
  return {{"$ref", std::string("#/components/") + to}};
}

/// What every operation answers, and what every change needs.
void add_common(const std::string& method, json& operation) {
  auto& responses = operation["responses"];
  const auto describe = [&](const char* status, const char* as) {
    if (!responses.contains(status)) {
      responses[status] = ref(as);
    }
  };
  describe("400", "responses/Malformed");
  describe("401", "responses/NoSession");
  if (method != "get") {
    operation["parameters"].push_back(ref("parameters/CsrfToken"));
    describe("403", "responses/Forbidden");
    describe("415", "responses/NotJson");
  }
}

std::string merged() {
  json document = json::object();
  for (const auto* const file : kFiles) {
    document.merge_patch(json::parse(embedded_asset(file).value()));
  }
  for (auto& [path, operations] : document["paths"].items()) {
    for (auto& [method, operation] : operations.items()) {
      add_common(method, operation);
    }
  }
  return base::dump_json(document);
}

}  // namespace

const std::string& openapi_document() {
  static const std::string document = merged();
  return document;
}

}  // namespace bot::console

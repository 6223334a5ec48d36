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

std::string merged() {
  json document = json::object();
  for (const auto* const file : kFiles) {
    document.merge_patch(json::parse(embedded_asset(file).value()));
  }
  return base::dump_json(document);
}

}  // namespace

const std::string& openapi_document() {
  static const std::string document = merged();
  return document;
}

}  // namespace bot::console

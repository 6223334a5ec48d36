#include "bot/console/asked.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/texts/console.h"
#include "bot/texts/console_operations.h"
#include "store/changes.h"

namespace bot::console {
namespace {

using nlohmann::json;

constexpr int kLimit = 50;
constexpr int kMostLimit = 500;

std::int64_t number(const std::string& name, const std::string& text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || last != end || value < 1) {
    throw Refusal{400, texts::no_number(name)};
  }
  return value;
}

}  // namespace

Asked::Asked(const Call& call, std::initializer_list<std::string_view> names) : call_(call) {
  for (const auto& [name, value] : call.request.query.all()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Refusal{400, texts::unknown_parameter(name)};
    }
  }
}

std::string Asked::text(const std::string& name) const {
  return call_.request.query.get(name).value_or("");
}

int Asked::limit() const {
  const auto given = text("limit");
  return given.empty() ? kLimit
                       : static_cast<int>(std::min<std::int64_t>(number("limit", given), kMostLimit));
}

std::int64_t Asked::cursor() const {
  const auto given = text("cursor");
  return given.empty() ? INT64_MAX : number("cursor", given);
}

json body_of(const Call& call, std::initializer_list<std::string_view> members) {
  auto body = base::parse_json(call.request.body.empty() ? "{}" : call.request.body);
  if (!body || !body->is_object()) {
    throw Refusal{400, texts::kMalformedJson};
  }
  for (const auto& [name, value] : body->items()) {
    if (std::find(members.begin(), members.end(), name) == members.end()) {
      throw Refusal{400, texts::unknown_member(name)};
    }
  }
  return *std::move(body);
}

base::HttpResponse list_of(json items, std::optional<std::int64_t> next) {
  return base::HttpResponse::json(base::dump_json(
      {{"items", std::move(items)}, {"next", next ? json(std::to_string(*next)) : json(nullptr)}}));
}

void record(const Call& call, const std::string& what, const std::string& scope, const json& before,
            const json& after) {
  const auto role = call.caller.role;
  const auto text = [](const json& value) {
    return value.is_null() ? std::string() : base::dump_json(value);
  };
  store::Change change;
  change.at = call.services.clock.now();
  change.by = call.caller.name;
  change.role = role == Role::viewer ? "viewer" : role == Role::admin ? "admin" : "operator";
  change.what = what;
  change.scope = scope;
  change.before = text(before);
  change.after = text(after);
  store::Changes(call.db).add(change);
}

void require_admin(const Call& call) {
  if (call.caller.role < Role::admin) {
    throw Refusal{403, texts::kRoleMayNot};
  }
}

base::HttpResponse done() {
  base::HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace bot::console

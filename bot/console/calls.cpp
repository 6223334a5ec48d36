#include "bot/console/calls.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/console/query.h"
#include "bot/texts/console.h"
#include "bot/texts/console_routing.h"
#include "store/changes.h"

namespace bot::console {

using nlohmann::json;

namespace {

/// Nothing where it is missing or null.
const json* member_of(const json& body, const std::string& name) {
  const auto* const member = base::json_member(body, name.c_str());
  return member == nullptr || member->is_null() ? nullptr : member;
}

}  // namespace

json body_of(const Call& call, std::initializer_list<std::string_view> members) {
  allow_only(call.request, {});
  auto body = base::parse_json(call.request.body.empty() ? "{}" : call.request.body);
  if (!body) {
    throw Refusal{400, texts::kMalformedJson};
  }
  if (!body->is_object()) {
    throw Refusal{400, texts::kNoJsonObject};
  }
  for (const auto& [name, value] : body->items()) {
    if (std::find(members.begin(), members.end(), name) == members.end()) {
      throw Refusal{400, texts::unknown_member(name)};
    }
  }
  return *std::move(body);
}

std::optional<double> number_of(const json& body, const std::string& name) {
  const auto* const member = member_of(body, name);
  if (member != nullptr && !member->is_number()) {
    throw Refusal{400, texts::not_a_number(name)};
  }
  return member != nullptr ? std::optional(member->get<double>()) : std::nullopt;
}

std::string text_of(const json& body, const std::string& name) {
  const auto* const member = member_of(body, name);
  if (member != nullptr && !member->is_string()) {
    throw Refusal{400, texts::not_a_text(name)};
  }
  return member != nullptr ? member->get<std::string>() : std::string();
}

bool flag_of(const json& body, const std::string& name) {
  const auto* const member = member_of(body, name);
  if (member != nullptr && !member->is_boolean()) {
    throw Refusal{400, texts::not_a_flag(name)};
  }
  return member != nullptr && member->get<bool>();
}

base::HttpResponse list_of(json items, std::optional<std::int64_t> next) {
  return base::HttpResponse::json(base::dump_json(
      {{"items", std::move(items)}, {"next", next ? json(std::to_string(*next)) : json(nullptr)}}));
}

void record(const Call& call, const std::string& what, const std::string& scope, const json& before,
            const json& after, const std::string& reason) {
  const auto text = [](const json& value) {
    return value.is_null() ? std::string() : base::dump_json(value);
  };
  store::Changes(call.db).add({.at = call.services.clock.now(),
                               .by = call.caller.name,
                               .role = to_string(call.caller.role),
                               .what = what,
                               .scope = scope,
                               .before = text(before),
                               .after = text(after),
                               .reason = reason});
}

base::Timestamp since_days(const Call& call) {
  return call.services.clock.now() - std::chrono::hours(24) * days_of(call.request);
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

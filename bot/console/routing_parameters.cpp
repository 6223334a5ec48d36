#include "bot/console/routing_parameters.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "bot/console/log_query.h"
#include "bot/texts/console.h"
#include "bot/texts/console_routing.h"
#include "bot/texts/page.h"
#include "bot/turns/console_thresholds.h"

namespace bot::console {
namespace {

using nlohmann::json;

constexpr int kUsualDays = 30, kMostDays = 3650;
constexpr int kUsualLimit = 50, kMostLimit = 500;

[[noreturn]] void refuse(std::string sentence) {
  throw Refusal{400, std::move(sentence)};
}

template <typename Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

}  // namespace

int days_of(const base::HttpRequest& request) {
  const auto text = request.query.get("days");
  const auto days = text ? parsed<int>(*text) : std::optional(kUsualDays);
  if (!days || *days < 1 || *days > kMostDays) {
    refuse(texts::not_days(kMostDays));
  }
  return *days;
}

base::Timestamp since_days(const Call& call) {
  return call.services.clock.now() - std::chrono::hours(24) * days_of(call.request);
}

Page page_of(const base::HttpRequest& request) {
  const auto cursor = parameter(request, "cursor");
  Page page{count_parameter(request, "limit", 1, kMostLimit).value_or(kUsualLimit), std::nullopt};
  if (cursor) {
    page.before = parsed<std::int64_t>(*cursor);
    if (!page.before) {
      refuse(texts::kNotCursor);
    }
  }
  return page;
}

double threshold_of(const base::HttpRequest& request, const std::string& name) {
  const auto value = parsed<double>(request.query.get(name).value_or(""));
  // Written so that what is no number is refused, too.
  if (!value || !(*value >= 0 && *value <= 1)) {
    refuse(texts::not_a_threshold(name));
  }
  return *value;
}

json body_of(const base::HttpRequest& request, std::initializer_list<std::string_view> known) {
  auto body = base::parse_json(request.body);
  if (!body) {
    refuse(texts::kMalformedJson);
  }
  if (!body->is_object()) {
    refuse(texts::kNoJsonObject);
  }
  for (const auto& [name, value] : body->items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse(texts::unknown_member(name));
    }
  }
  return *std::move(body);
}

std::optional<double> number_of(const json& body, const std::string& name) {
  const auto* const member = base::json_member(body, name.c_str());
  if (member == nullptr || member->is_null()) {
    return std::nullopt;
  }
  if (!member->is_number()) {
    refuse(texts::not_a_number(name));
  }
  return member->get<double>();
}

std::string text_of(const json& body, const std::string& name) {
  const auto* const member = base::json_member(body, name.c_str());
  if (member == nullptr || member->is_null()) {
    return {};
  }
  if (!member->is_string()) {
    refuse(texts::not_a_text(name));
  }
  return member->get<std::string>();
}

bool flag_of(const json& body, const std::string& name) {
  const auto* const member = base::json_member(body, name.c_str());
  if (member == nullptr || member->is_null()) {
    return false;
  }
  if (!member->is_boolean()) {
    refuse(texts::not_a_flag(name));
  }
  return member->get<bool>();
}

std::optional<NamedId> id_of(const Call& call, const std::string& what, const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    refuse(texts::not_an_id(what, text));
  }
  NamedId named{text.substr(0, colon), text.substr(colon + 1)};
  std::vector<std::string> sections;
  for (const auto& chat : call.services.settings.chats) {
    sections.push_back(chat.name);
  }
  if (std::find(sections.begin(), sections.end(), named.section) == sections.end()) {
    refuse(texts::no_such_section(what, named.section, sections));
  }
  return named;
}

reporting::RoutedPlace place_of(const Call& call, const std::string& chat, const std::string& person) {
  const auto of_chat = id_of(call, "chat", chat);
  const auto of_person = id_of(call, "person", person);
  if (of_chat && of_person && of_chat->section != of_person->section) {
    refuse(texts::kDifferentSections);
  }
  return {of_chat     ? of_chat->section
          : of_person ? of_person->section
                      : "",
          of_chat ? of_chat->id : "", of_person ? of_person->id : ""};
}

std::string scope_of(const Call& call, const std::string& text) {
  const auto space = text.find(' ');
  const auto kind = text.substr(0, space);
  if (space != std::string::npos && (kind == "chat" || kind == "user")) {
    id_of(call, kind, text.substr(space + 1));
  }
  try {
    turns::require_scope(text);
  } catch (const base::ConfigError& e) {
    refuse(texts::as_sentence(e.what()));
  }
  return text;
}

router::RoutingPolicy policy_in_force(const Call& call) {
  return turns::with_console(call.services.policy()->routing, call.db);
}

}  // namespace bot::console

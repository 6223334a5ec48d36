#include "bot/console/routing_parameters.h"

#include <algorithm>

#include "base/error.h"
#include "bot/texts/console.h"
#include "bot/texts/console_routing.h"
#include "bot/turns/console_thresholds.h"

namespace bot::console {
namespace {

[[noreturn]] void refuse(std::string sentence) {
  throw Refusal{400, std::move(sentence)};
}

}  // namespace

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

#include "bot/demo/projects.h"

#include <algorithm>

#include "base/clock.h"
#include "base/utf8.h"
#include "bot/demo/words.h"

namespace bot::demo {
namespace {

constexpr std::string_view kStems[] = {"task-api", "new-year-countdown", "sqlite-vs-postgresql"};

bool is_slug_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

/// The words of the text that may be slugs: runs of the letters that a slug has, without a full stop at the
/// end.
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  std::string token;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_slug_byte(text[i])) {
      token.push_back(text[i]);
      continue;
    }
    while (token.ends_with('.') || token.ends_with('-')) {
      token.pop_back();
    }
    if (!token.empty()) {
      tokens.push_back(std::move(token));
    }
    token.clear();
  }
  return tokens;
}

}  // namespace

std::optional<std::string> slug_beginning_with(std::string_view text, std::string_view stem) {
  for (const auto& token : tokens_of(text)) {
    if (token == stem || (token.starts_with(stem) && token[stem.size()] == '-')) {
      return token;
    }
  }
  return std::nullopt;
}

std::string zone_in(std::string_view context) {
  constexpr std::string_view kSeparators = " \t\n,;()\"'`";
  while (!context.empty()) {
    auto token = context.substr(0, context.find_first_of(kSeparators));
    context.remove_prefix(std::min(context.size(), token.size() + 1));
    while (token.ends_with('.')) {
      token.remove_suffix(1);
    }
    if ((token.find('/') != std::string_view::npos || token == "UTC") &&
        base::is_time_zone(std::string(token))) {
      return std::string(token);
    }
  }
  return base::machine_time_zone();
}

std::optional<std::string> Projects::beginning_with(std::string_view stem) const {
  if (auto slug = slug_beginning_with(conversation_.context, stem)) {
    return slug;
  }
  for (auto item = conversation_.items.rbegin(); item != conversation_.items.rend(); ++item) {
    // A call alone does not show that the project came about, but what was said or answered about it does.
    if (item->kind == Item::Kind::assistant_text || item->kind == Item::Kind::tool_result) {
      if (auto slug = slug_beginning_with(item->text, stem)) {
        return slug;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> Projects::named_in(std::string_view text) const {
  const auto tokens = tokens_of(base::ascii_lower(text));
  const auto known = tokens_of(conversation_.context);
  for (const auto& token : tokens) {
    if (token.find('-') != std::string::npos && std::find(known.begin(), known.end(), token) != known.end()) {
      return token;
    }
  }
  for (const auto stem : kStems) {
    if (const auto slug = slug_beginning_with(base::ascii_lower(text), stem)) {
      return slug;
    }
  }
  const Words words(text);
  if (words.has_any({"task api", "tasks api", "rest api", "the api"})) {
    return beginning_with(kStems[0]).value_or(std::string(kStems[0]));
  }
  if (words.has_any({"countdown", "web page", "the page"})) {
    return beginning_with(kStems[1]).value_or(std::string(kStems[1]));
  }
  if (words.has_any({"comparison", "the report"})) {
    return beginning_with(kStems[2]).value_or(std::string(kStems[2]));
  }
  // A slug that the demo did not make: "how is weather-map going".
  for (const auto& token : tokens) {
    if (token.find('-') != std::string::npos) {
      return token;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Projects::latest() const {
  for (auto item = conversation_.items.rbegin(); item != conversation_.items.rend(); ++item) {
    if (item->kind == Item::Kind::assistant_text || item->kind == Item::Kind::tool_result) {
      for (const auto stem : kStems) {
        if (auto slug = slug_beginning_with(item->text, stem)) {
          return slug;
        }
      }
    }
  }
  for (const auto stem : kStems) {
    if (auto slug = slug_beginning_with(conversation_.context, stem)) {
      return slug;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Projects::last_report() const {
  const auto last =
      std::find_if(conversation_.items.rbegin(), conversation_.items.rend(), [](const Item& item) {
        return item.kind == Item::Kind::assistant_text && item.text.starts_with("The specialist reports:");
      });
  return last == conversation_.items.rend() ? std::nullopt : std::optional(last->text);
}

}  // namespace bot::demo

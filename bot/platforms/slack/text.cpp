#include "bot/platforms/slack/text.h"

#include <algorithm>

#include "base/utf8.h"

namespace bot::slack {
namespace {

/// No token is longer; beyond it a "<" is a character.
constexpr std::size_t kMaxToken = 8'192;

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto rest = [&](std::string_view escape, char character) {
      if (!text.starts_with(escape)) {
        return false;
      }
      out += character;
      text.remove_prefix(escape.size());
      return true;
    };
    if (!rest("&amp;", '&') && !rest("&lt;", '<') && !rest("&gt;", '>')) {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

/// "@name" for "name" and "@name".
std::string with_mark(char mark, const std::string& name) {
  return name.starts_with(mark) ? name : mark + name;
}

/// What stands between "<" and ">".
std::string token_text(std::string_view token) {
  const auto bar = std::min(token.find('|'), token.size());
  const auto target = unescape(token.substr(0, bar));
  const auto label = unescape(token.substr(std::min(bar + 1, token.size())));
  const auto named = [&](char mark, std::string_view id) {
    return with_mark(mark, label.empty() ? std::string(id) : label);
  };
  if (target.empty()) {
    return label;
  }
  const auto id = std::string_view(target).substr(1);
  if (target.front() == '@' || target.front() == '#') {
    return named(target.front(), id);
  }
  if (target.front() == '!') {
    if (id.starts_with("date^")) {
      return label;
    }
    constexpr std::string_view kGroup = "subteam^";
    return named('@', id.starts_with(kGroup) ? id.substr(kGroup.size()) : id);
  }
  // What Slack made a link of by itself reads as it was typed.
  const auto colon = std::min(target.find(':') + 1, target.size());
  const auto bare =
      std::string_view(target).substr(target.substr(colon).starts_with("//") ? colon + 2 : colon);
  if (label.empty()) {
    return target;
  }
  return label == target || label == bare ? label : label + " (" + target + ")";
}

}  // namespace

std::string decode_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = std::min(text.find('<'), text.size());
    out += unescape(text.substr(0, open));
    text.remove_prefix(open);
    if (text.empty()) {
      break;
    }
    // A space behind it, or a further "<" or the end of the line before the ">", says that it begins no
    // token.
    const auto close = text.substr(0, kMaxToken).find_first_of("<>\n", 1);
    if (close == std::string_view::npos || text[close] != '>' || close == 1 || text[1] == ' ') {
      out += '<';
      text.remove_prefix(1);
      continue;
    }
    out += token_text(text.substr(1, close - 1));
    text.remove_prefix(close + 1);
  }
  return out;
}

bool mentions_user(std::string_view text, std::string_view user) {
  const auto mention = "<@" + std::string(user);
  for (auto at = text.find(mention); !user.empty() && at != std::string_view::npos;
       at = text.find(mention, at + 1)) {
    const auto after = text.substr(at + mention.size(), 1);
    if (after == ">" || after == "|") {
      return true;
    }
  }
  return false;
}

Addressed strip_mention(std::string_view text, std::string_view user) {
  const auto trimmed = base::trim(text);
  const auto close = trimmed.find('>');
  if (!trimmed.starts_with("<@") || close == std::string_view::npos) {
    return {trimmed};
  }
  const auto inner = trimmed.substr(2, close - 2);
  if (!user.empty() && inner.substr(0, inner.find('|')) != user) {
    return {trimmed};
  }
  auto rest = base::trim(trimmed.substr(close + 1));
  if (rest.starts_with(":") || rest.starts_with(",")) {
    rest = base::trim(rest.substr(1));
  }
  return {rest, true};
}

}  // namespace bot::slack

#pragma once

#include <string>
#include <string_view>

namespace bot::slack {

/// What a person wrote, out of the `text` of a Slack message: "&lt;" and its like are characters again,
/// mentions and links read as people see them ("@ada", "#general", "@here", "label (https://…)"). Format:
/// https://docs.slack.dev/messaging/formatting-message-text. Any input will do; what is no token stays.
std::string decode_text(std::string_view text);

/// Whether the user is mentioned in it (before decoding).
bool mentions_user(std::string_view text, std::string_view user);

/// The text (before decoding) without a mention of the user at its beginning, and whether there was one. Of
/// no user (empty): whoever is mentioned there.
struct Addressed {
  std::string_view text;
  bool by_mention = false;
};
Addressed strip_mention(std::string_view text, std::string_view user);

}  // namespace bot::slack

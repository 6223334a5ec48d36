#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "bot/chat/capabilities.h"

namespace bot::slack {

/// Where a message of Slack was found.
struct Place {
  std::string channel;
  std::string bot_user;  ///< the user id of this bot; empty where it is not known
  bool is_direct = false;
  bool is_mention = false;  ///< whether Slack says that it mentions this bot
};

/// A message as Slack's events and history tell it, if it is meant for the bot or may be; without its
/// external_id. Its twin_id is the same whoever tells it. Returns nothing for messages by other bots or by
/// Slack itself, or for what is in a channel without a mention and outside of a thread. Throws Refused(400)
/// where it is no message of Slack's.
std::optional<chat::IncomingMessage> read_message(const nlohmann::json& message, const Place& place);

/// Whether it can be an id of Slack's, or a time: letters, digits and "._-". A "/" would make another
/// conversation of it.
bool is_id(const std::string& text);

/// Whether the id is that of a direct message's channel.
bool is_direct_channel(const std::string& channel);

/// What a call of Slack's, whose signature is verified, brings: an event (JSON), a slash command or a click
/// (both forms). A response_url counts only at Slack's own address or where `api_url` is. Unknown kinds bring
/// nothing and are answered with 200, so that Slack does not try again. `bot_user` is the user id of this bot
/// where the call does not tell it; empty where it is not known. Throws Refused(400). Pure function.
chat::Received read_call(const base::HttpRequest& request, const std::string& api_url,
                         const std::string& bot_user);

/// The name that stands before a person's messages in Slack, in one line, from a user object
/// (https://docs.slack.dev/reference/objects/user-object); may be empty.
std::string user_name_of(const nlohmann::json& user);

}  // namespace bot::slack

#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/incoming_message.h"

namespace bot::slack {

/// What a person put under a message of the bot's, or took away, from an event of Slack's
/// (https://docs.slack.dev/reference/events/reaction_added); without its external_id. Nothing for other
/// messages, and for what the bot did itself.
std::optional<chat::IncomingMessage> read_reaction(const nlohmann::json& event, const std::string& bot_user);

}  // namespace bot::slack

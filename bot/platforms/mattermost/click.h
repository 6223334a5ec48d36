#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/incoming_message.h"
#include "bot/chat/message_parts.h"

namespace bot::mattermost {

/// Where clicks go, and what proves them. Mattermost signs nothing, but keeps an action's `context` to
/// itself: clients see neither it nor the address (server/public/model/integration_action.go).
struct ClickTarget {
  std::string url;  ///< of this program's webhook; empty where there is no public_url
  std::string key;  ///< made from the token
};

ClickTarget click_target(const std::string& public_url, const std::string& section, const std::string& token);

/// The attachment that shows these buttons below a post in that chat.
nlohmann::json actions_of(const std::vector<store::Button>& buttons, const std::string& chat_id,
                          const ClickTarget& target);

/// Whether the call is a click at all: only those have a context.
bool is_click(const nlohmann::json& call);

/// What was clicked. Throws Refused(401) where its context is not ours, and Refused(400).
chat::IncomingMessage read_click(const nlohmann::json& call, const ClickTarget& target);

}  // namespace bot::mattermost

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/incoming_message.h"

namespace bot::slack {

/// What a message of Slack's holds in its `attachments`: messages that it shares, and what Slack or an app
/// shows of its links (https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments).
/// Any input will do.
std::vector<chat::Quotation> quotations_of(const nlohmann::json& message, const std::string& bot_user);

/// The shared messages themselves, which may have files.
std::vector<nlohmann::json> shared_messages(const nlohmann::json& message);

}  // namespace bot::slack

#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/chat/receiver.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// The user id of this bot. Asks until Slack tells it. Throws base::Stopped.
std::string learn_bot(const WebApi& api, std::stop_token stop);

/// No older message is asked for.
inline constexpr std::chrono::hours kLongestCatchUp{7 * 24};

/// Asks Slack for what was written in the chats that were `used` lately since the last message of all of
/// them, at most kLongestCatchUp back, and gives `receiver` what is meant for the bot, in order within a
/// channel. The external_id of each is the twin_id that its event has, so that neither comes twice. Edits and
/// clicks are not found this way, nor is what began in a thread of a direct message that is not among the
/// chats. What cannot be read is logged and left out; where Slack does not answer, it is asked again. Returns
/// early when `stop` is asked for.
void catch_up(const WebApi& api, chat::Receiver& receiver, const std::vector<store::Conversations::Use>& used,
              base::Timestamp now, std::stop_token stop);

}  // namespace bot::slack

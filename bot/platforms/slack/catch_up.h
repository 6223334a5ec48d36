#pragma once

#include <stop_token>

#include "bot/chat/platform.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// The user id of this bot. Asks until Slack tells it. Throws base::Stopped.
std::string learn_bot(const WebApi& api, std::stop_token stop);

/// Asks Slack for what was written in those chats since the last message that was received, at most seven
/// days back, and gives `inbox` what is meant for the bot, in order within a channel. The external_id of each
/// is the twin_id that its event has, so that neither comes twice. Edits and clicks are not found this way,
/// nor is what began in a thread of a direct message that is not among the chats. What cannot be read is
/// logged and left out; where Slack does not answer, it is asked again. Returns early when `stop` is asked
/// for.
void catch_up(const WebApi& api, const chat::Platform::Inbox& inbox, const chat::Platform::Past& past,
              base::Timestamp now, std::stop_token stop);

}  // namespace bot::slack

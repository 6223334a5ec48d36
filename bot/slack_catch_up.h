#pragma once

#include <stop_token>

#include "bot/chat_platform.h"
#include "bot/slack_web_api.h"

namespace bot {

/// Asks Slack for what was written in those chats since the last message that was received, at most seven
/// days back, and gives `inbox` what is meant for the bot, in order within a channel. The external_id of each
/// is the twin_id that its event has, so that neither comes twice. Edits and clicks are not found this way,
/// nor is what began in a thread of a direct message that is not among the chats. What cannot be read is
/// logged and left out. Returns early when `stop` is asked for.
void catch_up_with_slack(const SlackWebApi& api, const ChatPlatform::Inbox& inbox,
                         const ChatPlatform::Past& past, base::Timestamp now, std::stop_token stop);

}  // namespace bot

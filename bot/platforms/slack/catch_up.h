#pragma once

#include <stop_token>

#include "bot/chat/platform.h"
#include "bot/platforms/slack/web_api.h"

namespace bot {

/// The user id of this bot. Asks until Slack tells it. Throws base::Stopped.
std::string learn_slack_bot(const SlackWebApi& api, std::stop_token stop);

/// Asks Slack for what was written in those chats since the last message that was received, at most seven
/// days back, and gives `inbox` what is meant for the bot, in order within a channel. The external_id of each
/// is the twin_id that its event has, so that neither comes twice. Edits and clicks are not found this way,
/// nor is what began in a thread of a direct message that is not among the chats. What cannot be read is
/// logged and left out; where Slack does not answer, it is asked again. Returns early when `stop` is asked
/// for.
void catch_up_with_slack(const SlackWebApi& api, const ChatPlatform::Inbox& inbox,
                         const ChatPlatform::Past& past, base::Timestamp now, std::stop_token stop);

}  // namespace bot

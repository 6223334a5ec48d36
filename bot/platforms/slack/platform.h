#pragma once

#include "bot/chat/platform_type.h"

namespace bot::slack {

/// Slack through its Events API, slash command, buttons and Web API. Keys: bot_token and signing_secret
/// (secrets), api_base_url (the folder of the methods, default "https://slack.com/api"; see
/// ApiAddress).
chat::PlatformType platform_type();

}  // namespace bot::slack
